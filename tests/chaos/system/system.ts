import type { DeadLetter } from "@gochat/broker/dead-letters";
import type pg from "pg";

/** What lies in queues. */
export interface BusReport {
  /** Queue → envelopes that wait or are in hand. */
  readonly depths: Readonly<Record<string, number>>;
  readonly deadLetters: readonly Pick<DeadLetter, "events" | "reason">[];
}

/** A whole GoChat that the driver runs against, with what every one can be struck by. */
export interface System extends AsyncDisposable {
  readonly mode: "embedded" | "stack";
  /** Stays the same, whatever is ended and started again. */
  readonly url: string;
  report(): Promise<BusReport>;
  /** The part of the report that costs little. */
  deadLetters(): Promise<BusReport["deadLetters"]>;
  /** Puts an event straight into a queue of messages that fits its schema and that no database can keep. */
  poison(id: string): Promise<void>;
  /** A process dies the n-th time that it comes by this place in the code; resolves when it is back. */
  crashAt(failpoint: string, hits: number): Promise<void>;
  /** A connection of the superuser to the tables of messages. */
  connectDatabase(): Promise<pg.Client>;
}
