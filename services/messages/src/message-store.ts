import type { MessageSent } from "@gochat/contracts/events/message-events";
import type { Queryable } from "@gochat/database/database";
import type { Run } from "./batch.ts";
import type { MessageRow } from "./message.ts";

/** What became of one input of `storeMessages`; the positions and times are those on disk. */
export type Outcome = {
  outcome:
    | "stored"
    | "replayed"
    | "CLIENT_ID_REUSED"
    | "NOT_FOUND"
    | "REPLY_NOT_FOUND"
    | "SELF"
    | "UNKNOWN_RECIPIENT";
  seq: number;
  created_ms: number;
  reply_to: string | null;
  digest: Buffer;
};

/**
 * Stores a batch in one round trip and one transaction; see migrations/004-cheaper-storing.sql. Answers one outcome
 * an event, in order. No event may answer or repeat another one of the batch. At most some 500 events.
 */
export function storeMessages(database: Queryable, events: readonly MessageSent[]): Promise<Outcome[]> {
  const conversationIds = events.map((event) => event.conversationId);
  return database.query<Outcome>(
    `SELECT outcome, seq, created_ms, reply_to, digest
     FROM store_messages($1::uuid[], $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      plainArray([...new Set(conversationIds)]),
      plainArray(conversationIds),
      plainArray(events.map((event) => event.id)),
      plainArray(events.map((event) => event.senderId)),
      events.map((event) => event.senderUsername),
      plainArray(events.map((event) => event.recipientId)),
      plainArray(events.map((event) => event.opens)),
      events.map((event) => event.body),
      plainArray(events.map((event) => event.replyTo ?? "NULL")),
    ],
  );
}

/** Those of these that are in the log, whatever their body is there. */
export async function findStored(
  database: Queryable,
  events: readonly MessageSent[],
): Promise<ReadonlySet<MessageSent>> {
  // Scalar on purpose, as in store_messages: one look-up of a whole key each.
  const rows = await database.query<{ is_stored: boolean }>(
    `SELECT (
       SELECT seq FROM messages
       WHERE conversation_id = input.conversation_id AND sender_id = input.sender_id AND id = input.id
     ) IS NOT NULL AS is_stored
     FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) WITH ORDINALITY
       AS input (conversation_id, sender_id, id, place)
     ORDER BY place`,
    [
      plainArray(events.map((event) => event.conversationId)),
      plainArray(events.map((event) => event.senderId)),
      plainArray(events.map((event) => event.id)),
    ],
  );
  return new Set(events.filter((_event, index) => rows[index]!.is_stored));
}

/** An array as PostgreSQL reads it, of values that need no quotes: quoting each is most of what the driver does here. */
function plainArray(values: readonly (string | boolean)[]): string {
  return `{${values.join(",")}}`;
}

/** Moves the watermarks over what was announced; see mark_announced. */
export async function markAnnounced(database: Queryable, runs: readonly Run[]): Promise<void> {
  if (runs.length === 0) return;
  await database.query("SELECT mark_announced($1, $2, $3)", [
    runs.map((run) => run.conversationId),
    runs.map((run) => run.first),
    runs.map((run) => run.last),
  ]);
}

/** A stored message with what its announcement needs besides. */
export type AnnouncementRow = MessageRow & { sender_username: string };

const announcementColumns = `
  messages.conversation_id, messages.seq, messages.id, sender_id, body, reply_to, messages.digest,
  floor(extract(epoch FROM messages.created_at)::float8 * 1000) AS created_ms,
  coalesce(people.username, '') AS sender_username`;

/**
 * Conversations whose oldest unannounced message is older than `ageMs`: younger ones are still in the hands of
 * whoever stored them. In the order of their ids, past `after`.
 */
export async function findUnannounced(
  database: Queryable,
  { ageMs, after, limit }: { ageMs: number; after: string; limit: number },
): Promise<string[]> {
  const rows = await database.query<{ id: string }>(
    `SELECT conversations.id
     FROM conversations
     JOIN messages ON messages.conversation_id = conversations.id AND messages.seq = announced_seq + 1
     WHERE announced_seq < last_seq AND conversations.id > $2
       AND messages.created_at < clock_timestamp() - $1 * interval '1 millisecond'
     ORDER BY conversations.id
     LIMIT $3`,
    [ageMs, after, limit],
  );
  return rows.map((row) => row.id);
}

/** The next messages of these conversations that are past the watermark, in order. */
export function unannouncedMessages(
  database: Queryable,
  conversationIds: readonly string[],
  limit: number,
): Promise<AnnouncementRow[]> {
  return database.query<AnnouncementRow>(
    `SELECT ${announcementColumns}
     FROM conversations
     JOIN messages ON messages.conversation_id = conversations.id AND messages.seq > announced_seq
     LEFT JOIN people ON people.id = sender_id
     WHERE conversations.id = ANY ($1::uuid[]) AND announced_seq < last_seq
     ORDER BY conversation_id, seq
     LIMIT $2`,
    [conversationIds, limit],
  );
}

/** Runs `work` if no other process holds the sweeper's lock now; the lock ends with the work. */
export function trySweeperLock(connection: Queryable): Promise<{ locked: boolean }[]> {
  // Advisory locks belong to the whole database, which may hold several installations.
  return connection.query<{ locked: boolean }>(
    "SELECT pg_try_advisory_xact_lock(hashtextextended(current_schema() || '.messages.sweeper', 0)) AS locked",
  );
}
