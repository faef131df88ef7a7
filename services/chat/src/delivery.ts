import type {
  HeadsAnswered,
  MessageRead,
  MessageRejected,
  MessageStored,
  TypingStarted,
} from "@gochat/contracts/events/message-events";
import type { Connection, ServedSockets } from "@gochat/runtime/socket-server";
import type { SocketStates } from "./socket-states.ts";

interface Delivering {
  readonly sockets: ServedSockets;
  readonly states: SocketStates;
}

/** To every socket of both members; for the sender it is the acknowledgement. Serialised once for all of them. */
export function deliverStored(delivering: Delivering, event: MessageStored): void {
  const { conversationId, seq, memberIds, message } = event;
  for (const connection of delivering.sockets.of(message.senderId)) {
    delivering.states.get(connection.id)?.window.settle(message.id);
  }
  sendToAll(delivering.sockets, memberIds, { type: "message.stored", conversationId, seq, message });
}

/** To the socket that sent it, if it is still there. */
export function deliverRejected({ states }: Pick<Delivering, "states">, event: MessageRejected): void {
  const { socket, node: _node, ...rejection } = event;
  const state = states.get(socket);
  state?.window.settle(rejection.id);
  state?.connection.send({ type: "message.rejected", ...rejection });
}

/** To every socket of both members, the reader's own too. */
export function deliverRead({ sockets }: Pick<Delivering, "sockets">, event: MessageRead): void {
  const { conversationId, userId, readSeq, memberIds } = event;
  sendToAll(sockets, memberIds, { type: "message.read", conversationId, userId, readSeq });
}

/** To the other member only. */
export function deliverTyping({ sockets }: Pick<Delivering, "sockets">, event: TypingStarted): void {
  const { conversationId, userId, recipientId } = event;
  sendToAll(sockets, [recipientId], { type: "typing", conversationId, userId });
}

/** To the socket that resumed; otherwise to the sockets of the members, whoever of them is here. */
export function deliverHeads({ sockets, states }: Delivering, { socket, heads }: HeadsAnswered): void {
  const resumed = socket === undefined ? undefined : states.get(socket)?.connection;
  for (const { conversationId, memberIds, headSeq } of heads) {
    const frame = { type: "head", conversationId, headSeq };
    if (socket === undefined) sendToAll(sockets, memberIds, frame);
    else if (resumed && isMember(resumed, memberIds)) resumed.send(frame);
  }
}

function isMember(connection: Connection, memberIds: readonly string[]): boolean {
  return connection.identity !== null && memberIds.includes(connection.identity.userId);
}

function sendToAll(sockets: ServedSockets, userIds: readonly string[], frame: object): void {
  let text: string | undefined;
  for (const userId of userIds) {
    for (const connection of sockets.of(userId)) {
      text ??= JSON.stringify(frame);
      connection.send(text);
    }
  }
}
