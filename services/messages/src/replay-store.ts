import type { Queryable } from "@gochat/database/database";
import type { MovedPosition } from "./conversation-store.ts";
import type { AnnouncementRow } from "./message-store.ts";

/** A position in the log of a conversation. */
export interface LogPosition {
  readonly conversationId: string;
  readonly seq: number;
}

/** Whose read position. */
export interface Reader {
  readonly conversationId: string;
  readonly userId: string;
}

/** What a page found, and where the next one goes on: undefined where there is none. */
export interface Found<Row, Position> {
  readonly rows: Row[];
  readonly next: Position | undefined;
}

interface Paged<Position> {
  readonly since: Date;
  readonly after: Position;
  /** How many rows are looked at. */
  readonly limit: number;
}

type Looked = { is_recent: boolean; looked_at: number };

/** Of the next conversations, those with messages since a time; see recent_conversations. */
export async function recentConversations(
  database: Queryable,
  { since, after, limit }: Paged<string>,
): Promise<Found<string, string>> {
  const looked = await database.query<Looked & { id: string }>(
    "SELECT * FROM recent_conversations($1, $2, $3)",
    [since, after, limit],
  );
  return { rows: recent(looked).map((row) => row.id), next: lastOfFull(looked, limit)?.id };
}

/** The next messages of these conversations since a time, in order; see messages_since. */
export function messagesSince(
  database: Queryable,
  conversationIds: readonly string[],
  { since, after, limit }: Paged<LogPosition>,
): Promise<AnnouncementRow[]> {
  return database.query<AnnouncementRow>(
    `SELECT conversation_id, seq, id, sender_id, body, reply_to, encode(digest, 'base64') AS digest, created_ms,
       sender_username
     FROM messages_since($1, $2, $3, $4, $5)`,
    [conversationIds, since, after.conversationId, after.seq, limit],
  );
}

/** Of the next read positions, those that devices moved since a time; see read_positions_since. */
export async function readPositionsSince(
  database: Queryable,
  { since, after, limit }: Paged<Reader>,
): Promise<Found<MovedPosition, Reader>> {
  const looked = await database.query<Looked & MovedPosition>(
    "SELECT * FROM read_positions_since($1, $2, $3, $4)",
    [since, after.conversationId, after.userId, limit],
  );
  const last = lastOfFull(looked, limit);
  return {
    rows: recent(looked),
    next: last && { conversationId: last.conversation_id, userId: last.user_id },
  };
}

/** When the service was last alive; undefined at its very first start. */
export async function readBeat(database: Queryable): Promise<Date | undefined> {
  const [row] = await database.query<{ at: Date }>("SELECT at FROM beat");
  return row?.at;
}

export async function saveBeat(database: Queryable): Promise<void> {
  await database.query(
    "INSERT INTO beat (at) VALUES (clock_timestamp()) ON CONFLICT (one) DO UPDATE SET at = greatest(beat.at, excluded.at)",
  );
}

function recent<Row extends Looked>(looked: readonly Row[]): Row[] {
  return looked.filter((row) => row.is_recent);
}

function lastOfFull<Row extends Looked>(looked: readonly Row[], limit: number): Row | undefined {
  const last = looked.at(-1);
  return last?.looked_at === limit ? last : undefined;
}
