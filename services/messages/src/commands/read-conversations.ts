import { GoChatError } from "@gochat/contracts/errors";
import type { Conversation } from "@gochat/contracts/http/conversations";
import { limits } from "@gochat/contracts/limits";
import { toConversation } from "../conversation.ts";
import { findConversation, listConversationRows } from "../conversation-store.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import type { Parts } from "../parts.ts";

const unreadCap = limits.maxUnreadCount;

/** One conversation as its member sees it. NOT_FOUND for everybody else, as if it were not there. */
export async function readConversation(
  { database }: Pick<Parts, "database">,
  userId: string,
  id: string,
): Promise<Conversation> {
  const row = await findConversation(database, { id, userId, unreadCap });
  if (!row) throw new GoChatError("NOT_FOUND");
  return toConversation(row);
}

/** A page of somebody's conversations, the most recently active first. */
export async function listConversations(
  { database }: Pick<Parts, "database">,
  userId: string,
  { limit, cursor }: { limit: number; cursor: string | undefined },
): Promise<{ conversations: Conversation[]; nextCursor: string | null }> {
  const after = decodeCursor(cursor);
  const rows = await listConversationRows(database, { userId, unreadCap, after, limit: limit + 1 });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const nextCursor = rows.length > limit && last ? encodeCursor(last) : null;
  return { conversations: page.map(toConversation), nextCursor };
}
