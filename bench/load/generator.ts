import { setTimeout as sleep } from "node:timers/promises";
import type { Told } from "./forked.ts";
import { createPacer, type Pacer } from "./pace.ts";
import { openPair, type Pair, type PairObserver } from "./pair.ts";
import type { LoadPlan, LoadResult } from "./plan.ts";
import { createTally } from "./tally.ts";
import { yieldCores } from "./yield-cores.ts";

/** The load generator. Forked with a plan. */
process.once("message", async (plan: LoadPlan) => {
  tell({ type: "result", result: await run(plan) });
  process.disconnect?.();
});

function tell(message: Told<LoadResult>): void {
  process.send?.(message);
}

async function run(plan: LoadPlan): Promise<LoadResult> {
  if (plan.yields) yieldCores();
  const tally = createTally();
  let pacer: Pacer | undefined;
  const pairs = await openPairs(plan, {
    arrived: (pair, at, now) => {
      tally.arrived(at, now);
      pacer?.arrived(pair);
    },
    rejected: (pair, id, code, retryAfterMs) => {
      tally.rejected(code);
      setTimeout(() => pair.resend(id), retryAfterMs);
    },
    repeated: tally.repeated,
  });
  pacer = createPacer(plan.pace, pairs);
  pacer.start();
  await sleep(plan.warmUpSeconds * 1_000);
  tell({ type: "measuring" });
  tally.begin(performance.now());
  await sleep(plan.seconds * 1_000);
  tally.end(performance.now());
  tell({ type: "measured" });
  pacer.stop();
  const lost = await drain(pairs, 10_000);
  for (const pair of pairs) pair.close();
  return tally.result(lost);
}

/** A few at a time: a server under measurement is not a server under a storm of connections. */
async function openPairs(plan: LoadPlan, observer: PairObserver): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let first = 0; first < plan.pairs.length; first += 20) {
    const some = plan.pairs.slice(first, first + 20);
    pairs.push(...(await Promise.all(some.map((pair) => openPair(pair, plan, observer)))));
  }
  return pairs;
}

/** Waits for what is under way. Returns how many did not arrive in time. */
async function drain(pairs: readonly Pair[], timeoutMs: number): Promise<number> {
  const deadline = performance.now() + timeoutMs;
  const underWay = () => pairs.reduce((sum, pair) => sum + pair.underWay, 0);
  while (underWay() > 0 && performance.now() < deadline) await sleep(20);
  return underWay();
}
