import pg from "pg";
import type { Figure } from "./scenario.ts";

/** What a PostgreSQL holds. */
export interface Stored {
  /** Tables and indexes of all databases. */
  readonly bytes: number;
  /** Write-ahead log since the cluster was made: written, and recycled later. */
  readonly walBytes: number;
}

export async function storedIn(url: string): Promise<Stored> {
  const { bytes, wal } = await ask<{ bytes: string; wal: string }>(
    url,
    `SELECT sum(pg_database_size(oid)) AS bytes, pg_current_wal_lsn() - '0/0' AS wal FROM pg_database`,
  );
  return { bytes: Number(bytes), walBytes: Number(wal) };
}

/** How many messages are in the log, in the database of the service messages. */
export async function messagesIn(url: string): Promise<number> {
  const { count } = await ask<{ count: string }>(url, "SELECT count(*) FROM gochat_messages.messages");
  return Number(count);
}

async function ask<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Row>(sql);
    return rows[0]!;
  } finally {
    await client.end();
  }
}

/** What each message took, of those that came between two looks. */
export function storageFigures(name: string, before: Stored, after: Stored, messages: number): Figure[] {
  const each = (count: number) => Math.round(count / messages);
  return [
    { what: `${name}: on disk a message`, value: each(after.bytes - before.bytes), unit: "bytes" },
    { what: `${name}: log written a message`, value: each(after.walBytes - before.walBytes), unit: "bytes" },
  ];
}
