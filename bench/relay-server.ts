import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

/**
 * The practical ceiling: one process that parses a frame, looks its recipient up in a Map, prints a frame and sends
 * it. It stores nothing and checks nobody. Forked; tells its parent the port.
 */
const sockets = new Map<string, WebSocket>();
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false }, () => {
  process.send?.((server.address() as AddressInfo).port);
});
server.on("connection", (socket, request) => {
  const userId = request.url!.slice(1);
  sockets.set(userId, socket);
  let seq = 0;
  socket.on("message", (data) => {
    const { id, to, body } = JSON.parse(String(data)) as { id: string; to: string; body: string };
    seq += 1;
    const message = {
      conversationId: to,
      seq,
      id,
      senderId: userId,
      body,
      createdAt: new Date().toISOString(),
    };
    sockets.get(to)?.send(JSON.stringify({ type: "message.stored", conversationId: to, seq, message }));
  });
});
process.once("disconnect", () => {
  for (const socket of sockets.values()) socket.terminate();
  server.close();
});
