import type pg from "pg";
import type { BusReport, Order } from "../armed/control.ts";

/** A whole GoChat that the driver runs against, and what it can do to it. */
export interface System extends AsyncDisposable {
  readonly mode: "embedded" | "stack";
  /** Stays the same, whatever is ended and started again. */
  readonly url: string;
  /** Ends what serves people at once, as by kill -9. */
  crash(): Promise<void>;
  /** Starts again what ended; resolves when it is ready. */
  recover(): Promise<void>;
  /** Stops in order and starts again. */
  restart(clockOffsetMs?: number): Promise<void>;
  /** Gives an order to the armed process. */
  order(order: Order): Promise<BusReport | undefined>;
  /** Resolves when the armed process has ended by itself. */
  ended(): Promise<void>;
  /** A connection of the superuser to the database of messages. */
  connectDatabase(): Promise<pg.Client>;
  /** Of the main process of PostgreSQL. */
  postgresPid(): Promise<number>;
  pid(): number;
}
