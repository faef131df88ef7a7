import type { Queryable } from "@gochat/database/database";
import type { MessageRow } from "./message.ts";

/** The head of a conversation for one of its members; undefined for everybody else. */
export async function headFor(
  database: Queryable,
  { conversationId, userId }: { conversationId: string; userId: string },
): Promise<number | undefined> {
  const [row] = await database.query<{ last_seq: number }>(
    `SELECT last_seq FROM members JOIN conversations ON conversations.id = conversation_id
     WHERE conversation_id = $1 AND user_id = $2`,
    [conversationId, userId],
  );
  return row?.last_seq;
}

const columns = `conversation_id, seq, id, sender_id, body, reply_to,
  encode(digest, 'base64') AS digest,
  floor(extract(epoch FROM created_at)::float8 * 1000) AS created_ms`;

/** The newest `limit` messages before a position, ascending. */
export async function messagesBefore(
  database: Queryable,
  conversationId: string,
  before: number,
  limit: number,
): Promise<MessageRow[]> {
  const rows = await database.query<MessageRow>(
    `SELECT ${columns} FROM messages WHERE conversation_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3`,
    [conversationId, before, limit],
  );
  return rows.reverse();
}

/** The oldest `limit` messages after a position, ascending. */
export function messagesAfter(
  database: Queryable,
  conversationId: string,
  after: number,
  limit: number,
): Promise<MessageRow[]> {
  return database.query<MessageRow>(
    `SELECT ${columns} FROM messages WHERE conversation_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
    [conversationId, after, limit],
  );
}
