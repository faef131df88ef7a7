import { setTimeout as sleep } from "node:timers/promises";
import type { EventContract, EventOf } from "@gochat/contracts/events/event";
import { backOffMs, withTimeout } from "./back-off.ts";
import type { Database, Queryable } from "./database.ts";
import type { DatabaseLogger } from "./logger.ts";
import { createRelay } from "./outbox-relay.ts";

/** The broker's `publish`. */
export type Publish = <Contract extends EventContract>(
  contract: Contract,
  events: readonly EventOf<Contract>[],
  options?: { readonly key?: string | number; readonly trace?: string },
) => Promise<void>;

export interface OutboxOptions {
  readonly database: Database;
  readonly publish: Publish;
  /** Whether the broker keeps what it has confirmed when this process ends. */
  readonly durable: boolean;
  readonly logger: DatabaseLogger;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/**
 * Events that are announced if and only if the transaction they belong to is committed: at least once, also after a
 * crash between the two, and those of one type and key in the order in which they were appended (two transactions
 * that run at once have no order between them).
 *
 * The owning service's migration makes the table:
 *
 *     CREATE TABLE outbox (
 *       position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
 *       event text NOT NULL,
 *       key text,
 *       payload jsonb NOT NULL,
 *       trace text,
 *       created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
 *       published_at timestamptz  -- infinity: does not fit its schema, kept for a person to look at
 *     );
 *     CREATE INDEX outbox_unpublished ON outbox (position) WHERE published_at IS NULL;
 *
 * A row is kept for ten minutes after it was published. Where the broker is not durable, a new process publishes all
 * that is kept once more: the queues went with the old process, and every consumer is idempotent.
 */
export interface Outbox extends AsyncDisposable {
  /** Writes 1..n events of one type inside the caller's transaction. `key`, `trace`: as in the broker's `publish`. */
  append<Contract extends EventContract>(
    connection: Queryable,
    contract: Contract,
    events: readonly EventOf<Contract>[],
    options?: { readonly key?: string | number; readonly trace?: string | undefined },
  ): Promise<void>;
  /**
   * Call it after the commit: publishes what was appended, now. Resolves when that is done or after `timeoutMs`
   * (default 2 s); what is still left then is published later. Never rejects.
   */
  flush(timeoutMs?: number): Promise<void>;
  /** How many events are not published yet. */
  backlog(): Promise<number>;
}

/** Finds what another process left, or appended without a flush. */
const pollMs = 5_000;
const flushTimeoutMs = 2_000;
const closeTimeoutMs = 8_000;

export function createOutbox(options: OutboxOptions): Outbox {
  const { database, logger } = options;
  const stopping = new AbortController();
  const relay = createRelay({ ...options, signal: stopping.signal });
  let waiting: (() => void)[] = [];
  let wake = new AbortController();

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      const served = waiting;
      waiting = [];
      try {
        const isDone = await relay.publishAll();
        if (isDone) for (const resolve of served) resolve();
        else waiting.push(...served);
        failures = 0;
        if (isDone) await pauseUntilWoken();
        else await pause(backOffMs(0));
      } catch (error) {
        waiting.push(...served);
        logger.warn({ error: String(error), failures }, "The outbox could not be published yet.");
        // Not to be woken: a broker that is down is not asked once more for every request.
        await pause(backOffMs(failures++));
      }
    }
  }

  async function pauseUntilWoken(): Promise<void> {
    if (waiting.length > 0) return;
    wake = new AbortController();
    await pause(pollMs, AbortSignal.any([stopping.signal, wake.signal]));
  }

  async function pause(ms: number, signal: AbortSignal = stopping.signal): Promise<void> {
    await sleep(ms, undefined, { signal, ref: false }).catch(() => {});
  }

  const running = run();

  return {
    async append(connection, contract, events, { key, trace } = {}) {
      await connection.query(
        `INSERT INTO outbox (event, key, trace, payload)
         SELECT $1, $2, $3, payload FROM unnest($4::jsonb[]) WITH ORDINALITY AS given (payload, place) ORDER BY place`,
        [
          contract.name,
          key === undefined ? null : String(key),
          trace ?? null,
          events.map((event) => JSON.stringify(event)),
        ],
      );
    },
    async flush(timeoutMs = flushTimeoutMs) {
      if (stopping.signal.aborted) return;
      const done = new Promise<void>((resolve) => waiting.push(resolve));
      wake.abort();
      await withTimeout(done, timeoutMs, "The outbox is not empty yet.").catch(() => {});
    },
    async backlog() {
      const rows = await database.query<{ count: number }>(
        "SELECT count(*) FROM outbox WHERE published_at IS NULL",
      );
      return rows[0]!.count;
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await withTimeout(running, closeTimeoutMs, "The outbox is still publishing.").catch((error: Error) =>
        logger.warn({ error: error.message }, "The outbox did not stop in time."),
      );
      for (const resolve of waiting) resolve();
    },
  };
}
