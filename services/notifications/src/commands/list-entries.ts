import type { AnswerOf, QueryOf } from "@gochat/contracts/http/endpoint";
import type { listNotifications } from "@gochat/contracts/http/notifications";
import type { Database } from "@gochat/database/database";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import * as store from "../entry-store.ts";

const defaultLimit = 20;

/** A page of a person's entries, the newest first. */
export async function listEntries(
  database: Database,
  userId: string,
  { unread, limit = defaultLimit, cursor }: QueryOf<typeof listNotifications>,
): Promise<AnswerOf<typeof listNotifications>> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  const query = { userId, unreadOnly: unread === "true", after, limit: limit + 1 };
  const [entries, unreadCount] = await Promise.all([
    store.listEntries(database, query),
    store.countUnreadEntries(database, userId),
  ]);
  const notifications = entries.slice(0, limit);
  const last = notifications.at(-1);
  const hasMore = entries.length > limit && last;
  return {
    notifications,
    unreadCount,
    nextCursor: hasMore ? encodeCursor({ time: Date.parse(last.createdAt), id: last.id }) : null,
  };
}
