import { limits } from "@gochat/contracts/limits";
import { type ChatServerFrame, chatClientFrames } from "@gochat/contracts/sockets/chat";
import { isUuid } from "@gochat/contracts/uuid";
import type { Connection, ServedSockets, SocketServer } from "@gochat/runtime/socket-server";
import { askHeads } from "./commands/ask-heads.ts";
import { passTyping } from "./commands/pass-typing.ts";
import { createUnreadRefusal } from "./commands/refuse-unread.ts";
import { reportSeen } from "./commands/report-seen.ts";
import { sendMessage } from "./commands/send-message.ts";
import type { Parts } from "./parts.ts";

/** Shown to every client in `ready`. */
const shownLimits = {
  maxFrameBytes: limits.maxFrameBytes,
  maxBodyCharacters: limits.maxBodyCharacters,
  maxUnacknowledged: limits.maxUnacknowledged,
  messagesPerSecond: limits.messagesPerSecond,
  burst: limits.burst,
};

/** Frame → command. */
export function serveSockets(server: SocketServer, parts: Parts): ServedSockets<ChatServerFrame> {
  return server.serve<ChatServerFrame, typeof chatClientFrames>({
    path: "/ws/chat",
    guests: false,
    frames: chatClientFrames,
    open(connection) {
      const { userId, sessionId } = connection.identity!;
      const serverTime = new Date(parts.clock()).toISOString();
      connection.send({ type: "ready", userId, sessionId, serverTime, limits: shownLimits });
    },
    handle: {
      "message.send": (connection, frame) => sendMessage(parts, connection, frame),
      "message.read": (connection, frame) => reportSeen(parts, connection, frame),
      typing: (connection, frame) => passTyping(parts, connection, frame),
      resume: (connection, frame) => askHeads(parts, connection, frame),
    },
    refuseUnread: createUnreadRefusal(parts),
    refuse: refuseFrame,
    closed: (connection) => parts.states.closed(connection),
  });
}

/** A message with a usable id and anything else wrong is rejected by that id, so that its sender can mark it. */
function refuseFrame(
  connection: Connection<ChatServerFrame>,
  frame: Record<string, unknown>,
  detail: string,
): boolean {
  const { type, id } = frame;
  if (type !== "message.send" || typeof id !== "string" || !isUuid(id)) return false;
  connection.send({ type: "message.rejected", id, code: "INVALID_INPUT", detail });
  return true;
}
