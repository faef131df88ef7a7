import { randomUUID } from "node:crypto";
import { directConversationId } from "@gochat/contracts/conversation-id";
import type { GoChat } from "@gochat/testing/gochat";
import { connectChat, type TestSocket } from "@gochat/testing/sockets";

/** Two people with a socket each. */
export async function pair(gochat: GoChat) {
  const [ana, bob] = [await gochat.person("ana"), await gochat.person("bob")];
  const [anaSocket, bobSocket] = [await connectChat(gochat, ana), await connectChat(gochat, bob)];
  return { ana, bob, anaSocket, bobSocket, conversationId: directConversationId(ana.id, bob.id) };
}

/** Sends without waiting; returns the message's id. */
export function send(socket: TestSocket, to: string, body: string, id: string = randomUUID()): string {
  socket.send({ type: "message.send", id, to, body });
  return id;
}

export const storedLog = (socket: TestSocket) =>
  socket.frames.filter((frame) => frame.type === "message.stored").map((frame) => frame.message);
