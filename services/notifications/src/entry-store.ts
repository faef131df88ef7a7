import type { Notification } from "@gochat/contracts/http/notifications";
import type { Queryable } from "@gochat/database/database";
import type { Position } from "./cursor.ts";
import { type EntryChange, type EntryOutcome, entryKey, type Span } from "./entry.ts";

interface EntryRow {
  readonly id: string;
  readonly conversation_id: string;
  readonly actor_id: string;
  readonly actor_username: string;
  readonly preview: string;
  readonly count: number;
  readonly last_seq: number;
  readonly created_at: Date;
  readonly read_at: Date | null;
}

interface OutcomeRow extends EntryRow {
  readonly user_id: string;
  readonly raised: boolean;
  readonly cleared: boolean;
  readonly holds: boolean;
  readonly read_seq: number;
}

const entryColumns = "id, conversation_id, actor_id, actor_username, preview, last_seq, created_at, read_at";
/** How many positions the set holds. */
const countOfUnread =
  "(SELECT coalesce(sum(upper(part) - lower(part)), 0) FROM unnest(unread) AS part)::bigint";

/** Applies a batch in one statement, so whole or not at all. Each entry may stand in it once. */
export async function changeEntries(
  database: Queryable,
  changes: readonly EntryChange[],
  now: number,
): Promise<EntryOutcome[]> {
  if (changes.length === 0) return [];
  const rows = await database.query<OutcomeRow>(
    `SELECT raised, cleared, holds, user_id, read_seq, count, ${entryColumns}
     FROM change_entries($1::uuid[], $2::uuid[], $3::bigint[], $4::text[]::int8multirange[], $5::bigint[],
       $6::uuid[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz)`,
    [
      changes.map(({ userId }) => userId),
      changes.map(({ conversationId }) => conversationId),
      changes.map(({ readSeq }) => readSeq),
      changes.map(({ seqs }) => toMultirange(seqs)),
      changes.map(({ newest }) => newest?.seq ?? 0),
      changes.map(({ newest }) => newest?.actorId ?? null),
      changes.map(({ newest }) => newest?.actorUsername ?? null),
      changes.map(({ newest }) => newest?.preview ?? null),
      changes.map(({ newest }) => newest?.createdAt ?? null),
      new Date(now),
    ],
  );
  const reading = new Set(changes.filter(({ readSeq }) => readSeq > 0).map(entryKey));
  return rows.map((row) => {
    const entry = { userId: row.user_id, conversationId: row.conversation_id };
    return {
      ...entry,
      raised: row.raised,
      cleared: row.cleared,
      holds: row.holds,
      isRead: reading.has(entryKey(entry)) && row.last_seq > 0 && row.count === 0,
      readSeq: row.read_seq,
      notification: row.last_seq === 0 ? undefined : toNotification(row),
    };
  });
}

/** The literal of a multirange; PostgreSQL joins what touches. */
function toMultirange(seqs: readonly Span[]): string {
  return `{${seqs.map(([first, last]) => `[${first},${last}]`).join(",")}}`;
}

/** The keys of those entries that don't hold yet what these changes say. */
export async function findBehind(
  database: Queryable,
  changes: readonly EntryChange[],
): Promise<ReadonlySet<string>> {
  if (changes.length === 0) return new Set();
  const rows = await database.query<{ user_id: string; conversation_id: string }>(
    `SELECT given.user_id, given.conversation_id
     FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[]::int8multirange[])
       AS given (user_id, conversation_id, read_seq, seqs)
     LEFT JOIN entries USING (user_id, conversation_id)
     WHERE given.read_seq > coalesce(entries.read_seq, 0)
       OR NOT isempty(given.seqs - coalesce(
         entries.unread + entries.dismissed + int8multirange(int8range(NULL, entries.read_seq, '[]')), '{}'))`,
    [
      changes.map(({ userId }) => userId),
      changes.map(({ conversationId }) => conversationId),
      changes.map(({ readSeq }) => readSeq),
      changes.map(({ seqs }) => toMultirange(seqs)),
    ],
  );
  return new Set(rows.map((row) => entryKey({ userId: row.user_id, conversationId: row.conversation_id })));
}

export interface ReadEntry {
  readonly conversationId: string;
  /** Position of the newest message of the entry. */
  readonly seq: number;
}

/** Marks these unread entries of the person as read, or all of them; ids of others or of nothing change nothing. */
export async function markRead(
  database: Queryable,
  userId: string,
  ids: readonly string[] | "all",
  now: number,
): Promise<ReadEntry[]> {
  const rows = await database.query<{ conversation_id: string; last_seq: number }>(
    `UPDATE entries SET dismissed = dismissed + unread, unread = '{}', read_at = $3
     WHERE user_id = $1 AND last_seq > 0 AND read_at IS NULL AND ($2::uuid[] IS NULL OR id = ANY ($2))
     RETURNING conversation_id, last_seq`,
    [userId, ids === "all" ? null : ids, new Date(now)],
  );
  return rows.map((row) => ({ conversationId: row.conversation_id, seq: row.last_seq }));
}

export interface EntryQuery {
  readonly userId: string;
  readonly unreadOnly: boolean;
  /** The last entry of the page before. */
  readonly after: Position | undefined;
  readonly limit: number;
}

/** Entries, the newest message first. */
export async function listEntries(database: Queryable, query: EntryQuery): Promise<Notification[]> {
  const rows = await database.query<EntryRow>(
    `SELECT ${entryColumns}, ${countOfUnread} AS count FROM entries
     WHERE user_id = $1 AND last_seq > 0 ${query.unreadOnly ? "AND read_at IS NULL" : ""}
       ${query.after ? "AND (created_at, id) < ($3::timestamptz, $4::uuid)" : ""}
     ORDER BY created_at DESC, id DESC LIMIT $2`,
    [query.userId, query.limit, ...(query.after ? [new Date(query.after.time), query.after.id] : [])],
  );
  return rows.map(toNotification);
}

export async function countUnreadEntries(database: Queryable, userId: string): Promise<number> {
  const rows = await database.query<{ count: number }>(
    "SELECT count(*) AS count FROM entries WHERE user_id = $1 AND last_seq > 0 AND read_at IS NULL",
    [userId],
  );
  return rows[0]?.count ?? 0;
}

function toNotification(row: EntryRow): Notification {
  return {
    id: row.id,
    type: "message",
    conversationId: row.conversation_id,
    actor: { id: row.actor_id, username: row.actor_username },
    preview: row.preview,
    count: row.count,
    seq: row.last_seq,
    createdAt: row.created_at.toISOString(),
    readAt: row.read_at?.toISOString() ?? null,
  };
}
