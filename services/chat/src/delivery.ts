import type {
  HeadsAnswered,
  MessageRead,
  MessageRejected,
  MessageStored,
  TypingStarted,
} from "@gochat/contracts/events/message-events";
import type { ChatServerFrame } from "@gochat/contracts/sockets/chat";
import { type EncodedFrame, encodeFrame } from "@gochat/runtime/encoded-frame";
import type { Connection, ServedSockets } from "@gochat/runtime/socket-server";
import { preciseNow } from "@gochat/runtime/tracing";
import type { Parts } from "./parts.ts";
import type { SocketStates } from "./socket-states.ts";

interface Delivering {
  readonly sockets: ServedSockets<ChatServerFrame>;
  readonly states: SocketStates;
}

type Following = Pick<Parts, "clock" | "trail" | "measures">;

/** To every socket of both members; for the sender it is the acknowledgement. Serialised once for all of them. */
export function deliverStored(delivering: Delivering & Following, event: MessageStored): void {
  const { sockets, states, clock, trail, measures } = delivering;
  const { conversationId, seq, memberIds, message } = event;
  const startedAt = trail.isOn ? preciseNow() : 0;
  let encoded: EncodedFrame<ChatServerFrame> | undefined;
  let receivedAt: number | undefined;
  for (const userId of memberIds) {
    const isSender = userId === message.senderId;
    for (const connection of sockets.of(userId)) {
      if (isSender) receivedAt = states.get(connection.id)?.window.settle(message.id) ?? receivedAt;
      encoded ??= encodeFrame({ type: "message.stored", conversationId, seq, message });
      connection.send(encoded);
    }
  }
  if (!encoded) return;
  measures.delivered(clock(), message.createdAt, receivedAt);
  if (!trail.follows(event.trace)) return;
  const socketIds = memberIds.flatMap((userId) => [...sockets.of(userId)].map(({ id }) => id));
  const fields = { sockets: socketIds.join(" "), seq };
  trail.step(message.id, event.trace, { name: "message delivered", kind: "consumer", startedAt, fields });
}

/** To the socket that sent it, if it is still there. */
export function deliverRejected(
  { states, clock, trail }: Pick<Delivering, "states"> & Pick<Following, "clock" | "trail">,
  event: MessageRejected,
): void {
  const { socket, trace, id, code, detail, retryAfterMs } = event;
  const startedAt = trail.isOn ? preciseNow() : 0;
  const state = states.get(socket);
  if (retryAfterMs === undefined) {
    state?.window.settle(id);
    state?.connection.send({ type: "message.rejected", id, code, detail });
  } else {
    state?.window.postpone(id, clock(), retryAfterMs);
    state?.refuse(id, { code, detail, retryAfterMs });
  }
  if (!trail.follows(trace)) return;
  const fields = { socket, code };
  trail.step(id, trace, { name: "rejection delivered", kind: "consumer", startedAt, fields });
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
    const frame = { type: "head", conversationId, headSeq } as const;
    if (socket === undefined) sendToAll(sockets, memberIds, frame);
    else if (resumed && isMember(resumed, memberIds)) resumed.send(frame);
  }
}

function isMember(connection: Connection, memberIds: readonly string[]): boolean {
  return connection.identity !== null && memberIds.includes(connection.identity.userId);
}

function sendToAll(
  sockets: ServedSockets<ChatServerFrame>,
  userIds: readonly string[],
  frame: ChatServerFrame,
): void {
  let encoded: EncodedFrame<ChatServerFrame> | undefined;
  for (const userId of userIds) {
    for (const connection of sockets.of(userId)) {
      encoded ??= encodeFrame(frame);
      connection.send(encoded);
    }
  }
}
