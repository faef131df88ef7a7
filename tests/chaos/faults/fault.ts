import type { Network } from "../drive/network.ts";
import type { Random } from "../drive/random.ts";
import type { Struck } from "../history.ts";
import type { HistoryWriter } from "../history-file.ts";
import type { System } from "../system/system.ts";

/** What a fault may use to strike. */
export interface Striking<S extends System = System> {
  readonly system: S;
  readonly network: Network;
  readonly random: Random;
  readonly history: HistoryWriter;
}

/** Something that goes wrong, for a while, and is whole again when the promise resolves. */
export interface Fault<S extends System = System> {
  readonly struck: Struck;
  /** It empties the cache: the directory is looked at 15 s later. */
  readonly flushes?: true;
  /** Strikes, waits, heals. */
  strike(striking: Striking<S>): Promise<void>;
}

export type Faults<S extends System = System> = Readonly<Record<string, Fault<S>>>;
