import type { EventContract } from "@gochat/contracts/events/event";
import { events } from "@gochat/contracts/events/events";
import type { Queryable } from "./database.ts";
import type { OutboxOptions } from "./outbox.ts";

export interface RelayOptions extends OutboxOptions {
  /** Aborted when the process stops: the rest is left to the next one. */
  readonly signal: AbortSignal;
}

export interface Relay {
  /**
   * Publishes everything that was committed before the call. False where another process has the turn, so that the
   * caller asks again. Rejects where the database or the broker refuses, after having done what could be done.
   */
  publishAll(): Promise<boolean>;
}

interface Row {
  readonly position: number;
  readonly event: string;
  readonly key: string | null;
  readonly payload: unknown;
  readonly trace: string | null;
}

/** Rows of one event and key, in their order. */
interface Group {
  readonly event: string;
  readonly key: string | null;
  readonly rows: Row[];
}

type Outcome = { readonly published: number } | "not my turn";

const batchSize = 500;
const keepMs = 10 * 60_000;
const sweepEveryMs = 60_000;

const contracts: ReadonlyMap<string, EventContract> = new Map(events.map((event) => [event.name, event]));

export function createRelay({ database, publish, durable, logger, clock, signal }: RelayOptions): Relay {
  let mayHaveLostQueues = !durable;
  let nextSweep = Number.NEGATIVE_INFINITY;

  async function publishAll(): Promise<boolean> {
    if (mayHaveLostQueues) {
      await database.query("UPDATE outbox SET published_at = NULL WHERE published_at < 'infinity'");
      mayHaveLostQueues = false;
    }
    while (!signal.aborted) {
      const outcome = await publishBatch();
      if (outcome === "not my turn") return false;
      if (outcome.published < batchSize) break;
    }
    await sweep();
    return true;
  }

  async function publishBatch(): Promise<Outcome> {
    const failures: unknown[] = [];
    const outcome = await database.transaction<Outcome>(async (connection) => {
      if (!(await takeTurn(connection))) return "not my turn";
      // A statement of its own, after the lock: it sees what the process before has marked.
      const rows = await connection.query<Row & { [column: string]: unknown }>(
        `SELECT position, event, key, payload, trace FROM outbox
         WHERE published_at IS NULL ORDER BY position LIMIT ${batchSize}`,
      );
      for (const group of groupRows(rows)) {
        if (signal.aborted) break;
        await publishGroup(connection, group).catch((error) => failures.push(error));
      }
      return { published: rows.length };
    });
    // Thrown only now, so that the marks of the other groups are committed.
    if (failures.length > 0) throw failures[0];
    return outcome;
  }

  async function publishGroup(connection: Queryable, { event, key, rows }: Group): Promise<void> {
    const contract = contracts.get(event);
    try {
      if (!contract)
        throw Object.assign(new Error(`No event is named ${event}.`), { name: "InvalidEventError" });
      const payloads = rows.map(({ payload }) => payload);
      // One envelope has one trace: with many at once, that of the first.
      const trace = rows.find((row) => row.trace !== null)?.trace ?? undefined;
      await publish(contract, payloads, { ...(key !== null && { key }), ...(trace && { trace }) });
    } catch (error) {
      if ((error as Error).name !== "InvalidEventError") throw error;
      await setInvalidAside(connection, { event, key, rows }, error as Error);
      return;
    }
    await connection.query(
      "UPDATE outbox SET published_at = to_timestamp($2 / 1000.0) WHERE position = ANY($1::bigint[])",
      [rows.map(({ position }) => position), clock()],
    );
  }

  /** One event that does not fit its schema must not hold up its neighbours, nor be lost. */
  async function setInvalidAside(connection: Queryable, group: Group, error: Error): Promise<void> {
    const [first, ...others] = group.rows;
    if (others.length > 0) {
      for (const row of group.rows) await publishGroup(connection, { ...group, rows: [row] });
      return;
    }
    logger.error(
      { position: first!.position, event: group.event, error: error.message },
      "An event is invalid.",
    );
    await connection.query("UPDATE outbox SET published_at = 'infinity' WHERE position = $1", [
      first!.position,
    ]);
  }

  async function sweep(): Promise<void> {
    if (clock() < nextSweep) return;
    nextSweep = clock() + sweepEveryMs;
    await database.query("DELETE FROM outbox WHERE published_at < to_timestamp($1 / 1000.0)", [
      clock() - keepMs,
    ]);
  }

  return { publishAll };
}

/** One process publishes at a time, or two could overtake each other. The lock ends with the transaction. */
async function takeTurn(connection: Queryable): Promise<boolean> {
  const [turn] = await connection.query<{ taken: boolean }>(
    "SELECT pg_try_advisory_xact_lock(hashtextextended('outbox', 'outbox'::regclass::oid::bigint)) AS taken",
  );
  return turn?.taken === true;
}

function groupRows(rows: readonly Row[]): Iterable<Group> {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const name = JSON.stringify([row.event, row.key]);
    const group = groups.get(name);
    if (group) group.rows.push(row);
    else groups.set(name, { event: row.event, key: row.key, rows: [row] });
  }
  return groups.values();
}
