import { once } from "node:events";
import pg from "pg";
import { withTimeout } from "./back-off.ts";
import type { Database, Queryable } from "./database.ts";
import type { DatabaseLogger } from "./logger.ts";

export interface PoolOptions {
  readonly url: string;
  readonly schema: string;
  /** The role that every connection takes on. */
  readonly role: string;
  readonly poolSize: number;
  readonly statementTimeoutMs: number;
  readonly applicationName: string;
  readonly logger: DatabaseLogger;
}

const pingTimeoutMs = 2_000;
const closeTimeoutMs = 5_000;

/** A pool whose connections have taken on the service's role, so its SQL reaches the service's schema only. */
export function openPool(options: PoolOptions): Database {
  const pool = new pg.Pool(poolConfig(options));
  pool.on("error", (error) =>
    options.logger.warn({ error: error.message }, "A resting connection was lost."),
  );
  const connected = new Set<pg.PoolClient>();
  pool.on("connect", (client) => {
    connected.add(client);
    client.once("end", () => connected.delete(client));
    // A connection that breaks while in use also emits this; its query rejects, so here is nothing left to do.
    client.on("error", () => {});
  });

  /** The pool's own end does not wait until the server has heard of it. */
  async function close(): Promise<void> {
    await pool.end();
    await Promise.all([...connected].map((client) => once(client, "end")));
  }

  async function query<Row extends pg.QueryResultRow>(
    sql: string,
    values?: readonly unknown[],
  ): Promise<Row[]> {
    const client = await pool.connect();
    try {
      const rows = await queryRows<Row>(client, sql, values);
      client.release();
      return rows;
    } catch (error) {
      // After an answer of the server the connection is sound; after anything else nobody knows.
      client.release(!(error instanceof pg.DatabaseError));
      throw error;
    }
  }

  async function transaction<Result>(work: (connection: Queryable) => Promise<Result>): Promise<Result> {
    const client = await pool.connect();
    let isSound = false;
    try {
      const result = await runTransaction(client, work);
      isSound = true;
      return result;
    } catch (error) {
      isSound = await rollBack(client, error);
      throw error;
    } finally {
      client.release(!isSound);
    }
  }

  return {
    query,
    transaction,
    async ping() {
      await withTimeout(query("SELECT 1"), pingTimeoutMs, "The database did not answer in time.");
    },
    stats() {
      const { totalCount: open, idleCount: idle, waitingCount: waiting } = pool;
      return { open, idle, waiting, max: options.poolSize };
    },
    async [Symbol.asyncDispose]() {
      if (pool.ended || pool.ending) return;
      await withTimeout(close(), closeTimeoutMs, "A connection is still in use.").catch((error: Error) =>
        options.logger.warn({ error: error.message }, "The connections did not close in time."),
      );
    },
  };
}

function poolConfig({
  url,
  schema,
  role,
  poolSize,
  statementTimeoutMs,
  applicationName,
}: PoolOptions): pg.PoolConfig {
  const settings = { search_path: schema, role, plan_cache_mode: "force_custom_plan" };
  return {
    ...connectionConfig(url, applicationName, settings),
    max: poolSize,
    idleTimeoutMillis: 30_000,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: 30_000,
    // The server's own timeout comes first; this one is for a network that swallows the answer.
    query_timeout: statementTimeoutMs + 5_000,
    types: { getTypeParser } as pg.CustomTypesConfig,
  };
}

/** `settings` go into the connection's start, so also RESET leads back to them. */
export function connectionConfig(
  url: string,
  applicationName: string,
  settings: Readonly<Record<string, string>> = {},
): pg.ClientConfig {
  const address = new URL(url);
  const given = address.searchParams.get("options");
  address.searchParams.delete("options");
  const ours = Object.entries(settings).map(
    ([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, "\\$&")}`,
  );
  const options = [...(given ? [given] : []), ...ours].join(" ");
  return {
    connectionString: address.href,
    application_name: applicationName,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    ...(options && { options }),
  };
}

async function queryRows<Row extends pg.QueryResultRow>(
  client: pg.PoolClient,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const { rows } = await client.query<Row>(sql, values as unknown[]);
  return rows;
}

async function runTransaction<Result>(
  client: pg.PoolClient,
  work: (connection: Queryable) => Promise<Result>,
): Promise<Result> {
  await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
  const result = await work({ query: (sql, values) => queryRows(client, sql, values) });
  const { command } = await client.query("COMMIT");
  // PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK, and no error.
  if (command !== "COMMIT") throw new Error("A statement of this transaction failed; nothing was committed.");
  return result;
}

/** Whether the connection is fit for the next one. Where a statement hangs, a ROLLBACK would wait behind it. */
async function rollBack(client: pg.PoolClient, error: unknown): Promise<boolean> {
  if (error instanceof Error && error.message === "Query read timeout") return false;
  return client.query("ROLLBACK").then(
    () => true,
    () => false,
  );
}

const int8 = 20;
const int8Array = 1016;

/** For these pools only: bigint as a number. Positions and counts stay far below 2^53; past it is an error. */
function getTypeParser(type: number, format?: "text" | "binary"): (value: string) => unknown {
  if (format === "binary") return pg.types.getTypeParser(type, "binary") as (value: string) => unknown;
  if (type === int8) return toSafeInteger;
  const parse = pg.types.getTypeParser(type, "text") as (value: string) => unknown;
  if (type !== int8Array) return parse;
  return (value) => (parse(value) as (string | null)[]).map((entry) => entry && toSafeInteger(entry));
}

function toSafeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} does not fit into a number.`);
  return value;
}
