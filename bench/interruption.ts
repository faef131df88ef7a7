import { setTimeout as sleep } from "node:timers/promises";
import { signal } from "@gochat/engines/process-file";
import { childrenOf } from "./processes.ts";
import { removeTemporaryFolders } from "./target.ts";

/** As long as GoChat takes to stop at the most, and some more. */
const patienceMs = 25_000;
/** The engines of a stack that is told twice to stop end just behind it. */
const settleMs = 1_000;
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Aborted when a signal cuts the run short. What it started is then told to stop, and when it has, the folders of the run
 * are removed, which hold data and passwords. A second signal ends the run at once.
 */
export function listenForInterruption(): AbortSignal {
  const interruption = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, async () => {
      console.error("Stopping. What was measured completely is kept.");
      interruption.abort();
      for (const pid of childrenOf(process.pid)) signal(pid, "SIGTERM");
      const deadline = performance.now() + patienceMs;
      while (childrenOf(process.pid).length > 0 && performance.now() < deadline) await sleep(50);
      await sleep(settleMs);
      removeTemporaryFolders();
      process.exit(exitCodes[name]);
    });
  }
  return interruption.signal;
}
