import { setTimeout as sleep } from "node:timers/promises";
import { timeOf } from "./reading.ts";

const pauseMs = 50;

/** Asks for something small again and again for so many seconds; answers how long the longest took, in milliseconds. */
export async function longestAnswer(url: string, seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1_000;
  let longest = 0;
  while (performance.now() < until) {
    longest = Math.max(longest, await timeOf(url, undefined));
    await sleep(pauseMs);
  }
  return longest;
}
