import { setTimeout as sleep } from "node:timers/promises";
import { openPair, type Pair, type PairObserver } from "./pair.ts";
import type { LoadMessage, LoadPlan, LoadResult } from "./plan.ts";

/** The load generator: a process of its own, so that it takes no time from what is measured. Forked with a plan. */
process.once("message", async (plan: LoadPlan) => {
  tell({ type: "result", result: await run(plan) });
  process.disconnect?.();
});

function tell(message: LoadMessage): void {
  process.send?.(message);
}

async function run(plan: LoadPlan): Promise<LoadResult> {
  const latencies: number[] = [];
  const rejected: Record<string, number> = {};
  let repeated = 0;
  let measuring = false;
  const observer: PairObserver = {
    arrived: (sentAt, now) => {
      if (measuring) latencies.push(now - sentAt);
    },
    rejected: (code) => {
      rejected[code] = (rejected[code] ?? 0) + 1;
    },
    repeated: () => {
      repeated += 1;
    },
  };
  const pairs = await openPairs(plan, observer);
  for (const pair of pairs) pair.start();
  await sleep(plan.warmUpSeconds * 1_000);
  tell({ type: "measuring" });
  const began = performance.now();
  measuring = true;
  await sleep(plan.seconds * 1_000);
  measuring = false;
  const seconds = (performance.now() - began) / 1_000;
  tell({ type: "measured" });
  for (const pair of pairs) pair.stop();
  const lost = await drain(pairs, 10_000);
  for (const pair of pairs) pair.close();
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  const max = latencies.at(-1) ?? Number.NaN;
  const delivered = latencies.length;
  return {
    delivered,
    perSecond: delivered / seconds,
    p50: at(0.5),
    p99: at(0.99),
    max,
    rejected,
    lost,
    repeated,
  };
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
