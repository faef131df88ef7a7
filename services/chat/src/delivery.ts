import type {
  HeadsAnswered,
  MessageRead,
  MessageRejected,
  MessageStored,
  TypingStarted,
} from "@gochat/contracts/events/message-events";
import type { ChatServerFrame } from "@gochat/contracts/sockets/chat";
import { type FrameText, frameText } from "@gochat/runtime/frame-text";
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
  const { sockets, states, trail } = delivering;
  const { conversationId, seq, memberIds, message } = event;
  const startedAt = trail.isOn ? preciseNow() : 0;
  let receivedAt: number | undefined;
  for (const connection of sockets.of(message.senderId)) {
    receivedAt = states.get(connection.id)?.window.settle(message.id) ?? receivedAt;
  }
  const reached = sendToAll(sockets, memberIds, { type: "message.stored", conversationId, seq, message });
  if (reached === 0) return;
  measure(delivering, message.createdAt, receivedAt);
  if (!trail.follows(event.trace)) return;
  const socketIds = memberIds.flatMap((userId) => [...sockets.of(userId)].map(({ id }) => id));
  const fields = { sockets: socketIds.join(" "), seq };
  trail.step(message.id, event.trace, { name: "message delivered", kind: "consumer", startedAt, fields });
}

/** `receivedAt`: where the sender's socket is on this node, so that one clock says both times. */
function measure({ clock, measures }: Following, storedAt: string, receivedAt: number | undefined): void {
  const now = clock();
  measures.storedToDelivered.observe(Math.max(0, now - Date.parse(storedAt)) / 1000);
  if (receivedAt !== undefined) measures.receivedToDelivered.observe(Math.max(0, now - receivedAt) / 1000);
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

/** Answers to how many. */
function sendToAll(
  sockets: ServedSockets<ChatServerFrame>,
  userIds: readonly string[],
  frame: ChatServerFrame,
): number {
  let text: FrameText<ChatServerFrame> | undefined;
  let count = 0;
  for (const userId of userIds) {
    for (const connection of sockets.of(userId)) {
      text ??= frameText(frame);
      connection.send(text);
      count += 1;
    }
  }
  return count;
}
