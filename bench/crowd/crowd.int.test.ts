import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { openCrowd } from "./crowd.ts";

test("everybody comes back after a cut, and a head counts as news only past the greeting", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  let connections = 0;
  server.on("connection", (socket) => {
    connections += 1;
    socket.send(JSON.stringify({ type: "ready" }));
    socket.once("message", (data) => {
      const { heads } = JSON.parse(String(data)) as { heads: Record<string, number> };
      for (const headSeq of [heads.talk!, heads.talk! + 1]) {
        socket.send(JSON.stringify({ type: "head", conversationId: "talk", headSeq }));
      }
    });
  });
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const seats = Array.from({ length: 5 }, (_, index) => ({ userId: String(index), url, headers: {} }));
    const greetings = seats.map((_, index) => ({ type: "resume", heads: { talk: index } }));
    await using crowd = openCrowd(seats, { comesBack: true, greetings });
    await crowd.until(({ open, frames }) => open === 5 && frames.news === 5, 20_000);
    for (const socket of server.clients) socket.terminate();
    await crowd.until(({ open, frames }) => open === 5 && frames.head === 20, 20_000);
    expect(crowd.state).toEqual({
      open: 5,
      failed: 0,
      closed: { 1006: 5 },
      frames: { ready: 10, head: 20, news: 10 },
    });
    expect(connections).toBe(10);
  } finally {
    server.close();
  }
});
