import { setTimeout as sleep } from "node:timers/promises";
import type { Crowd } from "./crowd.ts";

/** Longer than the checker lets any fault keep people waiting. */
const longestMs = 30_000;
const lookEveryMs = 10;

/** Resolves as soon as somebody's message is acknowledged. */
export async function untilAcknowledged({ devices }: Crowd): Promise<void> {
  const count = () => devices.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  const before = count();
  const until = performance.now() + longestMs;
  while (count() === before && performance.now() < until) await sleep(lookEveryMs);
}
