import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Measurement, measure } from "./load/measure.ts";
import type { LoadPlan } from "./load/plan.ts";
import { pairUp, signUpPeople } from "./people.ts";
import { type Memory, memoryOf } from "./processes.ts";
import { startServer } from "./server.ts";

export interface EmbeddedFigures {
  /** With an empty data folder. */
  readonly firstStartMs: number;
  readonly laterStartMs: number;
  readonly memoryAtRest: Memory | undefined;
  readonly signUpsPerSecond: number;
  /** As many pairs and as large a window as the relay had. */
  readonly busy: Measurement;
  /** 50 pairs, one message of each under way. */
  readonly calm: Measurement;
  readonly memoryAfter: Memory | undefined;
}

/** The single process with embedded adapters, from an empty data folder. */
export async function benchEmbedded(
  pairCount: number,
  load: Omit<LoadPlan, "pairs">,
): Promise<EmbeddedFigures> {
  const dataFolder = await mkdtemp(join(tmpdir(), "gochat-bench-"));
  try {
    const firstStartMs = await firstStart(dataFolder);
    await using server = await startServer(dataFolder);
    await sleep(5_000);
    const memoryAtRest = memoryOf(server.pid);
    const { seats, signUpsPerSecond } = await signUpPeople(server.url, 2 * pairCount);
    const busy = await measure(server.pid, { ...load, pairs: pairUp(seats, pairCount) });
    const calm = await measure(server.pid, {
      ...load,
      window: 1,
      pairs: pairUp(seats, Math.min(50, pairCount)),
    });
    const memoryAfter = memoryOf(server.pid);
    const laterStartMs = server.readyAfterMs;
    return { firstStartMs, laterStartMs, memoryAtRest, signUpsPerSecond, busy, calm, memoryAfter };
  } finally {
    await rm(dataFolder, { recursive: true, force: true });
  }
}

async function firstStart(dataFolder: string): Promise<number> {
  await using server = await startServer(dataFolder);
  return server.readyAfterMs;
}
