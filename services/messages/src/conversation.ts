import type { Conversation } from "@gochat/contracts/http/conversations";
import type { ConversationRow } from "./conversation-store.ts";
import { toMessage } from "./message.ts";

/** What a member sees of a conversation. */
export function toConversation(row: ConversationRow): Conversation {
  const { last_message: last } = row;
  return {
    id: row.id,
    kind: row.kind,
    members: row.members,
    headSeq: row.last_seq,
    lastMessage: last && toMessage({ ...last, conversation_id: row.id }),
    unreadCount: row.unread_count,
    createdAt: new Date(row.created_ms).toISOString(),
  };
}
