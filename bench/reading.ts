import { percentilesOf } from "./load/tally.ts";
import type { Figure } from "./scenario.ts";

/** What is asked for, over and over. */
export interface Reading {
  readonly what: string;
  readonly cookie?: string;
  /** The path of request number n; undefined: there is nothing more to ask for. */
  path(number: number): string | undefined;
}

interface Read {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

const concurrency = 4;

/**
 * Reads for so many seconds, a few requests at a time. Several readings take turns, so that whatever else the machine
 * does meets all of them alike.
 */
export async function readOverAndOver(
  url: string,
  readings: readonly Reading[],
  seconds: number,
): Promise<Map<string, Read>> {
  const times = new Map(readings.map(({ what }) => [what, [] as number[]]));
  const numbers = new Map(readings.map(({ what }) => [what, 0]));
  const until = performance.now() + seconds * 1_000;
  async function work(first: number): Promise<void> {
    for (let turn = first; performance.now() < until; turn++) {
      const { what, cookie, path } = readings[turn % readings.length]!;
      const number = numbers.get(what)!;
      numbers.set(what, number + 1);
      const asked = path(number);
      if (asked === undefined) return;
      times.get(what)!.push(await timeOf(`${url}${asked}`, cookie));
    }
  }
  await Promise.all(Array.from({ length: concurrency }, (_, index) => work(index)));
  return new Map(
    [...times].map(([what, taken]) => {
      const together = taken.reduce((sum, time) => sum + time, 0) / 1_000;
      const { p50, p99 } = percentilesOf(taken);
      return [what, { perSecond: (taken.length * concurrency) / together, p50, p99 }];
    }),
  );
}

export async function timeOf(url: string, cookie: string | undefined): Promise<number> {
  const began = performance.now();
  const answer = await fetch(url, cookie === undefined ? {} : { headers: { cookie } });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`${new URL(url).pathname} answered ${answer.status}.`);
  return performance.now() - began;
}

export function readFigures(reads: ReadonlyMap<string, Read>): Figure[] {
  return [...reads].flatMap(([what, { perSecond, p50, p99 }]): Figure[] => [
    { what, value: perSecond, unit: "a second" },
    { what: `${what}, p50`, value: p50, unit: "ms" },
    { what: `${what}, p99`, value: p99, unit: "ms" },
  ]);
}
