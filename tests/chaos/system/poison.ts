import { randomUUID } from "node:crypto";
import { directConversationId, partitionOf } from "@gochat/contracts/conversation-id";
import type { MessageSent } from "@gochat/contracts/events/message-events";
import { partitionCount } from "@gochat/contracts/limits";

/** PostgreSQL refuses NUL in a text; the chat service never lets one through. */
export function poisonEvent(id: string): { event: MessageSent; partition: number } {
  const [senderId, recipientId] = [randomUUID(), randomUUID()];
  const conversationId = directConversationId(senderId, recipientId);
  const event = {
    conversationId,
    id,
    senderId,
    senderUsername: "poisoner",
    recipientId,
    opens: false,
    body: "poison \0",
    sentAt: new Date().toISOString(),
    node: "nobody",
    socket: "none",
  };
  return { event, partition: partitionOf(conversationId, partitionCount) };
}
