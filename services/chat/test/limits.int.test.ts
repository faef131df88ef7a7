import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { limits } from "@gochat/contracts/limits";
import { startGoChat } from "@gochat/testing/gochat";
import type { TestSocket } from "@gochat/testing/sockets";
import { describe, expect, test, vi } from "vitest";
import { pair, send, storedLog } from "./people.ts";

const toMessages = (bodies: readonly string[]) => bodies.map((body) => ({ id: randomUUID(), body }));

/** What a client does: send in order, and after a refusal send all refused again, in order. */
async function sendAll(
  socket: TestSocket,
  to: string,
  messages: readonly { readonly id: string; readonly body: string }[],
): Promise<void> {
  let open = messages;
  while (open.length > 0) {
    const from = socket.frames.length;
    for (const { id, body } of open) send(socket, to, body, id);
    const answers = await vi.waitFor(() => {
      const byId = new Map(socket.frames.slice(from).map((frame) => [frame.id ?? frame.message?.id, frame]));
      expect(open.every(({ id }) => byId.has(id))).toBe(true);
      return byId;
    }, 5000);
    open = open.filter(({ id }) => answers.get(id)?.type === "message.rejected");
    await delay(Math.max(0, ...open.map(({ id }) => answers.get(id)?.retryAfterMs ?? 0)));
  }
}

const count = 100;
const bodies = Array.from({ length: count }, (_, index) => `${index}`);

/** The codes of what was refused so far. */
const refusals = (socket: TestSocket) =>
  socket.frames.filter((frame) => frame.type === "message.rejected").map((frame) => frame.code);

describe("past the limits", () => {
  test("a client that waits and goes on with another message is heard", async () => {
    await using gochat = await startGoChat({
      services: ["messages", "chat"],
      settings: { rateLimits: true },
    });
    const { bob, anaSocket, bobSocket } = await pair(gochat);
    for (const body of bodies.slice(0, 60)) send(anaSocket, bob.id, body, randomUUID());
    await vi.waitFor(() => expect(refusals(anaSocket)).toHaveLength(60 - storedLog(bobSocket).length), 5_000);
    const taken = storedLog(bobSocket).length;
    const { retryAfterMs } = await anaSocket.receives("message.rejected", () => true);
    await delay(retryAfterMs + 50);
    send(anaSocket, bob.id, "and now", randomUUID());
    await bobSocket.receives("message.stored", (frame) => frame.seq === taken + 1);
    expect(storedLog(bobSocket).at(-1)?.body).toBe("and now");
  });

  test("a socket is told BUSY, and what it sends again keeps its order", async () => {
    await using gochat = await startGoChat({ services: ["messages", "chat"] });
    const { bob, anaSocket, bobSocket } = await pair(gochat);
    await sendAll(anaSocket, bob.id, toMessages(bodies));
    await bobSocket.receives("message.stored", (frame) => frame.seq === count);
    expect(storedLog(bobSocket).map((message) => message.body)).toEqual(bodies);
    const rejections = anaSocket.frames.filter((frame) => frame.type === "message.rejected");
    expect(new Set(rejections.map((frame) => frame.code))).toEqual(new Set(["BUSY"]));
    expect(rejections.every((frame) => frame.retryAfterMs > 0)).toBe(true);
  });

  test("who goes on whatever it is told is refused by the id alone, and nothing of it is lost or doubled", async () => {
    await using gochat = await startGoChat({ services: ["messages", "chat"] });
    const { bob, anaSocket, bobSocket } = await pair(gochat);
    const messages = toMessages(Array.from({ length: 3 * count }, (_, index) => `${index}`));
    for (const { id, body } of messages) send(anaSocket, bob.id, body, id);
    // Under way, and sent again; and one that whoever reads it would call INVALID_INPUT.
    for (const { id, body } of messages.slice(0, 5)) send(anaSocket, bob.id, body, id);
    const wrong = randomUUID();
    anaSocket.send({ type: "message.send", id: wrong, to: bob.id, body: 7 });
    const { code } = await anaSocket.receives("message.rejected", (frame) => frame.id === wrong);
    expect(code).toBe("BUSY");

    await sendAll(anaSocket, bob.id, messages);
    await bobSocket.receives("message.stored", (frame) => frame.seq === messages.length);
    const stored = storedLog(bobSocket).map((message) => message.body);
    expect(stored.toSorted()).toEqual(messages.map(({ body }) => body).toSorted());
    anaSocket.send({ type: "message.send", id: wrong, to: bob.id, body: 7 });
    await anaSocket.receives(
      "message.rejected",
      (frame) => frame.id === wrong && frame.code === "INVALID_INPUT",
    );
  }, 30_000);

  test("a person is told RATE_LIMITED, and what it sends again keeps its order", async () => {
    await using gochat = await startGoChat({
      services: ["messages", "chat"],
      settings: { rateLimits: true },
    });
    const { bob, anaSocket, bobSocket } = await pair(gochat);
    const started = performance.now();
    await sendAll(anaSocket, bob.id, toMessages(bodies));
    await bobSocket.receives("message.stored", (frame) => frame.seq === count);
    expect(storedLog(bobSocket).map((message) => message.body)).toEqual(bodies);
    const codes = anaSocket.frames.map((frame) => frame.code).filter(Boolean);
    expect(codes).toContain("RATE_LIMITED");
    const leastMs = ((count - limits.burst) / limits.messagesPerSecond) * 1000;
    expect(performance.now() - started).toBeGreaterThan(leastMs - 100);
  });
});
