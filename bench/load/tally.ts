import type { LoadResult } from "./plan.ts";

/** Counts what arrives, and how long it took. Times are those of `performance.now`. */
export interface Tally {
  begin(now: number): void;
  end(now: number): void;
  arrived(at: number, now: number): void;
  rejected(code: string): void;
  repeated(): void;
  /** `lost`: what never arrived. */
  result(lost: number): LoadResult;
}

export function createTally(): Tally {
  const latencies: number[] = [];
  const rejected: Record<string, number> = {};
  const counts = { arrived: 0, delivered: 0, repeated: 0 };
  let began = Number.POSITIVE_INFINITY;
  let ended = Number.POSITIVE_INFINITY;
  return {
    begin: (now) => {
      began = now;
    },
    end: (now) => {
      ended = now;
    },
    arrived: (at, now) => {
      counts.arrived += 1;
      if (now >= began && now < ended) counts.delivered += 1;
      // Also what arrives after the end: leaving it out would leave out the slowest.
      if (at >= began && at < ended) latencies.push(now - at);
    },
    rejected: (code) => {
      rejected[code] = (rejected[code] ?? 0) + 1;
    },
    repeated: () => {
      counts.repeated += 1;
    },
    result: (lost) => {
      const { delivered, arrived, repeated } = counts;
      const perSecond = delivered / ((ended - began) / 1_000);
      return { delivered, perSecond, ...percentilesOf(latencies), rejected, arrived, lost, repeated };
    },
  };
}

/** NaN where there is nothing. */
export function percentilesOf(values: readonly number[]): Record<"p50" | "p99" | "p999" | "max", number> {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: sorted.at(-1) ?? Number.NaN };
}
