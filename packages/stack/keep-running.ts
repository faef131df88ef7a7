import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "@gochat/engines/engine";
import { findProcess } from "@gochat/engines/process-file";

export interface Supervision {
  /** Called with each new process id as soon as there is one. */
  readonly onRestart: () => void;
  readonly log: (line: string) => void;
}

const lookEveryMs = 100;
/** One that ran for this long did not die of how it was started. */
const steadyMs = 10_000;
const firstPauseMs = 1_000;
const longestPauseMs = 10_000;

/**
 * Starts each part again when it dies, on the same port and data: at once, and with back-off from the third death on
 * of one that dies again and again. Disposing ends that, and the parts go on.
 */
export function keepRunning(parts: ReadonlyMap<string, Engine>, supervision: Supervision): AsyncDisposable {
  const stopping = new AbortController();
  const watching = [...parts].map(([name, part]) => watch(name, part, supervision, stopping.signal));
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.all(watching);
    },
  };
}

async function watch(name: string, part: Engine, { onRestart, log }: Supervision, stop: AbortSignal) {
  let deaths = 0;
  let { pid } = part;
  let since = performance.now();
  let restart: Promise<void> | undefined;
  while (!stop.aborted) {
    await sleep(lookEveryMs);
    if (part.pid !== pid) {
      pid = part.pid;
      onRestart();
    }
    if (restart || stop.aborted || findProcess(pid)) continue;
    deaths = performance.now() - since > steadyMs ? 1 : deaths + 1;
    log(`${name} (process ${pid}) died. Starting it again.`);
    const pauseMs = deaths < 3 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** (deaths - 3));
    await sleep(pauseMs, undefined, { signal: stop }).catch(() => {});
    if (stop.aborted) return;
    restart = part
      .restart()
      .catch((error: Error) => {
        if (!stop.aborted) log(error.message);
      })
      .finally(() => {
        restart = undefined;
        since = performance.now();
      });
  }
}
