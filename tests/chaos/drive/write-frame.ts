import type { HistoryWriter } from "../history-file.ts";
import type { Frame } from "./socket.ts";

/** Writes down that a frame spoke of a conversation: who is not in it may get none. */
export function writeFrame(
  history: HistoryWriter,
  socket: "chat" | "online",
  device: string,
  { type, conversationId, notification }: Frame,
): void {
  const conversation = conversationId ?? notification?.conversationId;
  if (conversation) history.write({ kind: "frame", socket, device, type, conversation });
}
