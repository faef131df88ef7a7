import { GoChatError } from "@gochat/contracts/errors";
import type { MessageSent } from "@gochat/contracts/events/message-events";
import type { ChatServerFrame, MessageSend } from "@gochat/contracts/sockets/chat";
import type { Connection } from "@gochat/runtime/socket-server";
import { timeText } from "@gochat/runtime/time-text";
import { preciseNow } from "@gochat/runtime/tracing";
import type { Static } from "typebox";
import { trimBody } from "../message-body.ts";
import type { Parts } from "../parts.ts";

/**
 * Puts a message into the batch of its partition, or says at once why not. Who is the sender comes from the cookie;
 * whether it may be stored is decided by messages. Throws INVALID_INPUT.
 */
export function sendMessage(
  parts: Pick<Parts, "nodeId" | "clock" | "states" | "known" | "outgoing" | "trail" | "measures">,
  connection: Connection<ChatServerFrame>,
  frame: Static<typeof MessageSend>,
): void {
  const { nodeId, clock, states, known, outgoing, trail, measures } = parts;
  const startedAt = trail.isOn ? preciseNow() : 0;
  const { userId, username } = connection.identity!;
  if ((frame.to === undefined) === (frame.conversationId === undefined)) {
    throw new GoChatError("INVALID_INPUT", "Give either to or conversationId.");
  }
  if (frame.to === userId)
    throw new GoChatError("INVALID_INPUT", "A conversation with oneself is not possible.");
  const body = trimBody(frame.body);
  const state = states.of(connection);
  const now = clock();
  const opens = frame.to !== undefined;
  const { conversationId, recipientId, partition } = opens
    ? state.toPerson(frame.to!)
    : state.toConversation(frame.conversationId!);
  const refusal = state.window.admit(frame.id, conversationId, userId, now);
  if (refusal) {
    measures.refused(refusal.code);
    return state.refuse(frame.id, refusal);
  }

  known.drop(conversationId, userId);
  const event: MessageSent = {
    conversationId,
    id: frame.id,
    senderId: userId,
    senderUsername: username,
    recipientId,
    opens,
    body,
    sentAt: timeText(now),
    node: nodeId,
    socket: connection.id,
    ...state.window.placeOf(frame.id, conversationId, now),
  };
  if (frame.replyTo !== undefined) event.replyTo = frame.replyTo;
  if (trail.isOn) {
    const fields = { socket: connection.id, conversation: conversationId };
    const trace = trail.begin(frame.id, { name: "message received", kind: "server", startedAt, fields });
    if (trace) event.trace = trace;
  }
  outgoing.sent[partition]!.add(event);
}
