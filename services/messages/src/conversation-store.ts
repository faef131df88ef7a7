import type { Queryable } from "@gochat/database/database";

/** Comes before every id: there a search through all of them begins. */
export const noId = "00000000-0000-0000-0000-000000000000";

/** A conversation as one of its members sees it. */
export type ConversationRow = {
  id: string;
  kind: "direct";
  last_seq: number;
  created_ms: number;
  /** Microseconds since 1970, in digits. */
  activity: string;
  unread_count: number;
  members: { userId: string; username: string; readSeq: number }[];
  last_message: {
    seq: number;
    id: string;
    sender_id: string;
    body: string;
    created_ms: number;
    reply_to: string | null;
    /** base64 */
    digest: string;
  } | null;
};

/** Where a page of the list begins: behind this conversation. */
export interface ListPosition {
  /** Microseconds since 1970, in digits. */
  readonly activity: string;
  readonly id: string;
}

/** Enough to fill a page's details; `own` is the member who asks ($1), `$2` the cap of the unread count. */
const details = `
  SELECT chosen.id, chosen.kind, chosen.last_seq,
    floor(extract(epoch FROM chosen.created_at)::float8 * 1000) AS created_ms,
    (extract(epoch FROM chosen.last_activity_at) * 1000000)::bigint::text AS activity,
    (SELECT json_agg(json_build_object(
        'userId', user_id, 'username', coalesce(people.username, ''), 'readSeq', read_seq
      ) ORDER BY people.username)
     FROM read_positions LEFT JOIN people ON people.id = user_id
     WHERE conversation_id = chosen.id) AS members,
    (SELECT json_build_object('seq', seq, 'id', id, 'sender_id', sender_id, 'body', body, 'reply_to', reply_to,
        'digest', encode(digest, 'base64'), 'created_ms', floor(extract(epoch FROM created_at)::float8 * 1000))
     FROM messages WHERE conversation_id = chosen.id ORDER BY seq DESC LIMIT 1) AS last_message,
    (SELECT count(*) FROM (
       SELECT FROM messages
       WHERE conversation_id = chosen.id AND seq > chosen.read_seq AND sender_id <> $1
       LIMIT $2
     ) unread) AS unread_count
  FROM chosen`;

/** The conversation, if this person is a member. `unreadCap`: count no further. */
export async function findConversation(
  database: Queryable,
  { id, userId, unreadCap }: { id: string; userId: string; unreadCap: number },
): Promise<ConversationRow | undefined> {
  const [row] = await database.query<ConversationRow>(
    `WITH chosen AS (
       SELECT conversations.*, own.read_seq
       FROM read_positions own JOIN conversations ON conversations.id = own.conversation_id
       WHERE own.user_id = $1 AND own.conversation_id = $3
     ) ${details}`,
    [userId, unreadCap, id],
  );
  return row;
}

/** A page of somebody's conversations, the most recently active first. */
export function listConversationRows(
  database: Queryable,
  query: { userId: string; unreadCap: number; after: ListPosition | undefined; limit: number },
): Promise<ConversationRow[]> {
  return database.query<ConversationRow>(
    `WITH chosen AS MATERIALIZED (
       SELECT conversations.*, own.read_seq
       FROM read_positions own JOIN conversations ON conversations.id = own.conversation_id
       WHERE own.user_id = $1 AND (
         $3::bigint IS NULL
         OR (conversations.last_activity_at, conversations.id)
           < ('epoch'::timestamptz + $3::bigint * interval '1 microsecond', $4::uuid)
       )
       ORDER BY conversations.last_activity_at DESC, conversations.id DESC
       LIMIT $5
     ) ${details} ORDER BY chosen.last_activity_at DESC, chosen.id DESC`,
    [query.userId, query.unreadCap, query.after?.activity ?? null, query.after?.id ?? null, query.limit],
  );
}

/** Makes the conversation of two people if it is not there. Answers whether it is there now: does `userId` exist? */
export async function openDirectConversation(
  database: Queryable,
  direct: { id: string; asker: { userId: string; username: string }; userId: string },
): Promise<boolean> {
  await database.query(
    "SELECT open_conversations(ARRAY[$1::uuid], ARRAY[$2::uuid], ARRAY[$3], ARRAY[$4::uuid], ARRAY[true])",
    [direct.id, direct.asker.userId, direct.asker.username, direct.userId],
  );
  const rows = await database.query("SELECT FROM conversations WHERE id = $1", [direct.id]);
  return rows.length > 0;
}

/** Remembers people; those already known stay as they are. */
export async function addPeople(
  database: Queryable,
  people: readonly { userId: string; username: string }[],
): Promise<void> {
  await database.query(
    `INSERT INTO people (id, username)
     SELECT * FROM unnest($1::uuid[], $2::text[]) AS person (id, username) ORDER BY id
     ON CONFLICT DO NOTHING`,
    [people.map((person) => person.userId), people.map((person) => person.username)],
  );
}

/** Those of the ids that belong to people. */
export async function findPeople(database: Queryable, ids: readonly string[]): Promise<Set<string>> {
  const rows = await database.query<{ id: string }>("SELECT id FROM people WHERE id = ANY ($1::uuid[])", [
    ids,
  ]);
  return new Set(rows.map((row) => row.id));
}

/** A read position that moved. */
export type MovedPosition = { conversation_id: string; user_id: string; read_seq: number };

/** Moves read positions forward; see mark_read. Answers those that moved. */
export function moveReadPositions(
  database: Queryable,
  seen: readonly { conversationId: string; userId: string; seq: number }[],
): Promise<MovedPosition[]> {
  return database.query<MovedPosition>("SELECT * FROM mark_read($1, $2, $3)", [
    seen.map((position) => position.conversationId),
    seen.map((position) => position.userId),
    seen.map((position) => position.seq),
  ]);
}

/** Where the read positions of these people stand now; those who are no members, or have read nothing, are left out. */
export function readPositionsOf(
  database: Queryable,
  readers: readonly { conversationId: string; userId: string }[],
): Promise<MovedPosition[]> {
  return database.query<MovedPosition>(
    `SELECT conversation_id, user_id, read_seq
     FROM read_positions
     JOIN (SELECT DISTINCT * FROM unnest($1::uuid[], $2::uuid[]) AS reader (conversation_id, user_id)) readers
       USING (conversation_id, user_id)
     WHERE read_seq > 0`,
    [readers.map((reader) => reader.conversationId), readers.map((reader) => reader.userId)],
  );
}

export type HeadRow = { user_id: string; conversation_id: string; last_seq: number };

/** The heads of all conversations of these people. */
export function headsOf(database: Queryable, userIds: readonly string[]): Promise<HeadRow[]> {
  return database.query<HeadRow>(
    `SELECT user_id, conversation_id, last_seq
     FROM members JOIN conversations ON conversations.id = conversation_id
     WHERE user_id = ANY ($1::uuid[])`,
    [userIds],
  );
}

/** The heads of conversations that moved since a time, in the order of their ids, past `after`. One row a member. */
export function headsMovedSince(
  database: Queryable,
  { since, after, limit }: { since: Date; after: string; limit: number },
): Promise<HeadRow[]> {
  return database.query<HeadRow>(
    `WITH moved AS MATERIALIZED (
       SELECT id, last_seq FROM conversations
       WHERE last_activity_at >= $1 AND last_seq > 0 AND id > $2
       ORDER BY id LIMIT $3
     )
     SELECT user_id, conversation_id, last_seq FROM moved JOIN members ON conversation_id = moved.id
     ORDER BY conversation_id`,
    [since, after, limit],
  );
}

/** Keeps the number of partitions at the first start; answers the number that is kept. */
export async function keepPartitionCount(database: Queryable, count: number): Promise<number> {
  await database.query(
    "INSERT INTO settings (name, value) VALUES ('partition_count', $1) ON CONFLICT DO NOTHING",
    [String(count)],
  );
  const [row] = await database.query<{ value: string }>(
    "SELECT value FROM settings WHERE name = 'partition_count'",
  );
  return Number(row?.value);
}
