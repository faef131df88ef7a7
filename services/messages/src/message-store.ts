import type { MessageSent } from "@gochat/contracts/events/message-events";
import { bigintArray, textArray, uuidArray } from "@gochat/database/binary-arrays";
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
  /** 0 where nothing is stored. */
  seq: number;
  created_ms: number;
  reply_to: string | null;
  /** base64; empty where nothing is stored. */
  digest: string;
};

/** A batch in one row: each column holds one entry an input, with commas between. */
type BatchRow = Record<"outcomes" | "seqs" | "created_ms" | "replies_to" | "digests", string>;

/**
 * Stores a batch in one round trip and one transaction; see migrations/005-one-answer-a-batch.sql. Answers one outcome
 * an event, in order. No event may answer or repeat another one of the batch. 1 to some 500 events.
 */
export async function storeMessages(database: Queryable, events: readonly MessageSent[]): Promise<Outcome[]> {
  const conversationIds = events.map((event) => event.conversationId);
  const [row] = await database.query<BatchRow>(
    `SELECT outcomes, seqs, created_ms, replies_to, digests
     FROM store_batch($1::uuid[], $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      uuidArray([...new Set(conversationIds)]),
      uuidArray(conversationIds),
      uuidArray(events.map((event) => event.id)),
      uuidArray(events.map((event) => event.senderId)),
      textArray(events.map((event) => event.senderUsername)),
      uuidArray(events.map((event) => event.recipientId)),
      `{${events.map((event) => event.opens).join(",")}}`,
      textArray(events.map((event) => event.body)),
      uuidArray(events.map((event) => event.replyTo ?? null)),
    ],
  );
  return outcomesOf(row!);
}

/** Nothing here may fail: the batch is on disk. */
function outcomesOf(row: BatchRow): Outcome[] {
  const seqs = row.seqs.split(",");
  const times = row.created_ms.split(",");
  const replies = row.replies_to.split(",");
  const digests = row.digests.split(",");
  return row.outcomes.split(",").map((outcome, index) => ({
    outcome: outcome as Outcome["outcome"],
    seq: Number(seqs[index]),
    created_ms: Number(times[index]),
    reply_to: replies[index] || null,
    digest: digests[index]!,
  }));
}

/** Those of these that are in the log, whatever their body is there. */
export async function findStored(
  database: Queryable,
  events: readonly MessageSent[],
): Promise<ReadonlySet<MessageSent>> {
  // Scalar on purpose, as in store_batch: one look-up of a whole key each.
  const rows = await database.query<{ is_stored: boolean }>(
    `SELECT (
       SELECT seq FROM messages
       WHERE conversation_id = input.conversation_id AND sender_id = input.sender_id AND id = input.id
     ) IS NOT NULL AS is_stored
     FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) WITH ORDINALITY
       AS input (conversation_id, sender_id, id, place)
     ORDER BY place`,
    [
      uuidArray(events.map((event) => event.conversationId)),
      uuidArray(events.map((event) => event.senderId)),
      uuidArray(events.map((event) => event.id)),
    ],
  );
  return new Set(events.filter((_event, index) => rows[index]!.is_stored));
}

/** Moves the watermarks over what was announced; see mark_announced. */
export async function markAnnounced(database: Queryable, runs: readonly Run[]): Promise<void> {
  if (runs.length === 0) return;
  await database.query("SELECT mark_announced($1, $2, $3)", [
    uuidArray(runs.map((run) => run.conversationId)),
    bigintArray(runs.map((run) => run.first)),
    bigintArray(runs.map((run) => run.last)),
  ]);
}

/** A stored message with what its announcement needs besides. */
export type AnnouncementRow = MessageRow & { sender_username: string };

const announcementColumns = `
  messages.conversation_id, messages.seq, messages.id, sender_id, body, reply_to,
  encode(messages.digest, 'base64') AS digest,
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

/** Takes the sweeper's lock until the transaction ends, if no other process holds it now. */
export function trySweeperLock(connection: Queryable): Promise<{ locked: boolean }[]> {
  // Advisory locks belong to the whole database, which may hold several installations.
  return connection.query<{ locked: boolean }>(
    "SELECT pg_try_advisory_xact_lock(hashtextextended(current_schema() || '.messages.sweeper', 0)) AS locked",
  );
}
