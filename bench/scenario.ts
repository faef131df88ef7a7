import type { LoadOptions, Measurements } from "./load/loads.ts";
import type { SharedStack } from "./shared-stack.ts";

export interface Options extends LoadOptions {
  /** Multiplies how many rows, sockets and people a scenario takes. 1 is what the goals speak of. */
  readonly scale: number;
}

/** One number that a scenario found out; compared with the last one of the same name. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: "ms" | "s" | "MB" | "KiB" | "kB" | "bytes" | "a second" | "times" | "cores" | "µs" | "";
}

export interface Findings {
  /** By name, such as `stack, busy`. */
  readonly loads?: Measurements;
  readonly figures?: readonly Figure[];
  /** Sentences: why something was left out. */
  readonly notes?: readonly string[];
}

/** What the scenarios of one run share. */
export interface Run {
  /** Everything is measured, in less than ten minutes. */
  readonly isWhole: boolean;
  readonly stack: SharedStack;
  /** Aborted when the run is cut short. */
  readonly interruption: AbortSignal;
}

/** One thing to measure, by its name on the command line. */
export type Scenario = (options: Options, run: Run) => Promise<Findings>;

/** A count at this scale, and never so small that nothing is measured. */
export function scaled(count: number, { scale }: Pick<Options, "scale">, least = 2): number {
  return Math.max(least, Math.round(count * scale));
}
