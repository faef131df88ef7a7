import type { Notification } from "@gochat/contracts/http/notifications";
import {
  bigintArray,
  multirangeArray,
  textArray,
  timeArray,
  uuidArray,
} from "@gochat/database/binary-arrays";
import type { Queryable } from "@gochat/database/database";
import type { Position } from "./cursor.ts";
import { type Changed, type ClearedEntry, type EntryChange, entryKey, type RaisedEntry } from "./entry.ts";

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

/** A batch in one row: each column holds one item an entry, with commas between; see migrations/003-…. */
type BatchRow = Record<
  "raised_places" | "raised_ids" | "raised_counts" | "cleared_places" | "cleared_seqs",
  string | null
> & { readonly kept: readonly KeptEntry[] | null };

/** Shows another message than the newest one given. */
interface KeptEntry {
  readonly place: number;
  readonly seq: number;
  readonly actorId: string;
  readonly actorUsername: string;
  readonly preview: string;
  readonly createdMs: number;
}

const entryColumns = "id, conversation_id, actor_id, actor_username, preview, last_seq, created_at, read_at";
/** How many positions the set holds. */
const countOfUnread =
  "(SELECT coalesce(sum(upper(part) - lower(part)), 0) FROM unnest(unread) AS part)::bigint";

/**
 * Applies a batch in one statement, so whole or not at all, and answers what there is to announce. Each entry may stand
 * in it once. `isAgain`: the batch may have been applied before without being announced.
 */
export async function changeEntries(
  database: Queryable,
  changes: readonly EntryChange[],
  { now, isAgain }: { readonly now: number; readonly isAgain: boolean },
): Promise<Changed> {
  if (changes.length === 0) return { raised: [], cleared: [] };
  const [row] = await database.query<BatchRow>(
    `SELECT raised_places, raised_ids, raised_counts, kept, cleared_places, cleared_seqs
     FROM change_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      uuidArray(changes.map(({ userId }) => userId)),
      uuidArray(changes.map(({ conversationId }) => conversationId)),
      bigintArray(changes.map(({ readSeq }) => readSeq)),
      multirangeArray(changes.map(({ seqs }) => seqs)),
      bigintArray(changes.map(({ newest }) => newest?.seq ?? 0)),
      uuidArray(changes.map(({ newest }) => newest?.actorId ?? null)),
      textArray(changes.map(({ newest }) => newest?.actorUsername ?? null)),
      textArray(changes.map(({ newest }) => newest?.preview ?? null)),
      timeArray(changes.map(({ newest }) => newest?.createdAt ?? null)),
      new Date(now),
      isAgain,
    ],
  );
  return { raised: raisedOf(row!, changes), cleared: clearedOf(row!, changes) };
}

function raisedOf(row: BatchRow, changes: readonly EntryChange[]): RaisedEntry[] {
  const ids = itemsOf(row.raised_ids);
  const counts = itemsOf(row.raised_counts);
  const kept = new Map(
    row.kept?.map(({ place, createdMs, ...shown }) => [
      place,
      { ...shown, createdAt: new Date(createdMs).toISOString() },
    ]),
  );
  return itemsOf(row.raised_places).map((place, index) => {
    const { userId, conversationId, newest } = changes[Number(place) - 1]!;
    const { seq, actorId, actorUsername, preview, createdAt } = kept.get(Number(place)) ?? newest!;
    const notification = {
      id: ids[index]!,
      type: "message" as const,
      conversationId,
      actor: { id: actorId, username: actorUsername },
      preview,
      count: Number(counts[index]),
      seq,
      createdAt,
      // What is raised is unread.
      readAt: null,
    };
    return { userId, notification };
  });
}

function clearedOf(row: BatchRow, changes: readonly EntryChange[]): ClearedEntry[] {
  const seqs = itemsOf(row.cleared_seqs);
  return itemsOf(row.cleared_places).map((place, index) => {
    const { userId, conversationId } = changes[Number(place) - 1]!;
    return { userId, conversationId, readSeq: Number(seqs[index]) };
  });
}

function itemsOf(column: string | null): string[] {
  return column === null ? [] : column.split(",");
}

/** The keys of those entries that don't hold yet what these changes say. */
export async function findBehind(
  database: Queryable,
  changes: readonly EntryChange[],
): Promise<ReadonlySet<string>> {
  if (changes.length === 0) return new Set();
  const rows = await database.query<{ user_id: string; conversation_id: string }>(
    `SELECT given.user_id, given.conversation_id
     FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::int8multirange[])
       AS given (user_id, conversation_id, read_seq, seqs)
     LEFT JOIN entries USING (user_id, conversation_id)
     WHERE given.read_seq > coalesce(entries.read_seq, 0)
       OR NOT isempty(given.seqs - coalesce(
         entries.unread + entries.dismissed + int8multirange(int8range(NULL, entries.read_seq, '[]')), '{}'))`,
    [
      uuidArray(changes.map(({ userId }) => userId)),
      uuidArray(changes.map(({ conversationId }) => conversationId)),
      bigintArray(changes.map(({ readSeq }) => readSeq)),
      multirangeArray(changes.map(({ seqs }) => seqs)),
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
