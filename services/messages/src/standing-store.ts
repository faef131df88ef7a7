import type { Queryable } from "@gochat/database/database";

export type StandingRow = {
  conversation_id: string;
  last_seq: number;
  members: { userId: string; readSeq: number }[];
  sender_id: string;
  sender_username: string;
  text: string;
  created_ms: number;
};

interface Page {
  readonly since: Date | undefined;
  readonly after: string;
  readonly limit: number;
}

/**
 * How conversations stand in which something was stored or read since a time, in the order of their ids, past `after`.
 * Head, positions and newest message are of one snapshot.
 */
export function standingsSince(database: Queryable, { since, after, limit }: Page): Promise<StandingRow[]> {
  return database.query<StandingRow>(
    `WITH moved AS MATERIALIZED (
       SELECT id FROM conversations
       WHERE last_activity_at >= coalesce($1::timestamptz, '-infinity') AND last_seq > 0 AND id > $2
       UNION
       SELECT conversation_id FROM members WHERE read_at >= $1::timestamptz AND conversation_id > $2
       ORDER BY id LIMIT $3
     )
     SELECT moved.id AS conversation_id, last_seq,
       (SELECT json_agg(json_build_object('userId', user_id, 'readSeq', read_seq))
        FROM read_positions WHERE conversation_id = moved.id) AS members,
       sender_id, people.username AS sender_username, left(body, $4) AS text,
       floor(extract(epoch FROM messages.created_at)::float8 * 1000) AS created_ms
     FROM moved
     JOIN conversations ON conversations.id = moved.id
     JOIN messages ON messages.conversation_id = moved.id AND messages.seq = last_seq
     JOIN people ON people.id = sender_id
     ORDER BY moved.id`,
    [since ?? null, after, limit, textCharacters],
  );
}

/** More than anybody shows of it. */
const textCharacters = 500;

/** The time of the database, by which everything here is dated. */
export async function databaseTime(database: Queryable): Promise<Date> {
  const [row] = await database.query<{ now: Date }>("SELECT clock_timestamp() AS now");
  return row!.now;
}
