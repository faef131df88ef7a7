import { otherMember } from "@gochat/contracts/conversation-id";
import type { MessageStored } from "@gochat/contracts/events/message-events";
import type { Message } from "@gochat/contracts/http/conversations";
import { timeText } from "@gochat/runtime/time-text";

/** A stored message as the store gives it: times in milliseconds since 1970. */
export type MessageRow = {
  conversation_id: string;
  seq: number;
  id: string;
  sender_id: string;
  body: string;
  created_ms: number;
  reply_to: string | null;
  /** base64 */
  digest: string;
};

/** What clients see of a stored message. */
export function toMessage(row: MessageRow): Message {
  const message: Message = {
    conversationId: row.conversation_id,
    seq: row.seq,
    id: row.id,
    senderId: row.sender_id,
    body: row.body,
    createdAt: timeText(row.created_ms),
    digest: row.digest,
  };
  if (row.reply_to !== null) message.replyTo = row.reply_to;
  return message;
}

/** The announcement of a stored message, first or repeated. `recipientId` is told from the ids where it is not known. */
export function toStoredEvent(
  message: Message,
  senderUsername: string,
  recipientId: string = otherMember(message.conversationId, message.senderId),
): MessageStored {
  return {
    conversationId: message.conversationId,
    seq: message.seq,
    memberIds: [message.senderId, recipientId],
    senderUsername,
    message,
  };
}

/** Both members of a direct conversation, told from its id and one of them. */
export function membersOf(conversationId: string, userId: string): [string, string] {
  return [userId, otherMember(conversationId, userId)];
}
