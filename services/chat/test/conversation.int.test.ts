import { randomUUID } from "node:crypto";
import { partitionOf } from "@gochat/contracts/conversation-id";
import { messageRejected, messageSent } from "@gochat/contracts/events/message-events";
import { limits, partitionCount } from "@gochat/contracts/limits";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import { connectChat } from "@gochat/testing/sockets";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pair, send, storedLog } from "./people.ts";

let gochat: GoChat;
beforeAll(async () => {
  gochat = await startGoChat({ services: ["messages", "chat"] });
});
afterAll(() => gochat[Symbol.asyncDispose]());

describe("a socket", () => {
  test("begins with ready", async () => {
    const ana = await gochat.person("ana");
    await using socket = await connectChat(gochat, ana);
    expect(socket.frames).toEqual([
      {
        type: "ready",
        userId: ana.id,
        sessionId: expect.any(String),
        serverTime: expect.any(String),
        limits: {
          maxFrameBytes: 65_536,
          maxBodyCharacters: 4000,
          maxUnacknowledged: 32,
          messagesPerSecond: 20,
          burst: 40,
        },
      },
    ]);
  });

  test("is for people only", async () => {
    await expect(connectChat(gochat, gochat.guest())).rejects.toMatchObject({ status: 401 });
  });
});

describe("a message", () => {
  test("comes to every device of both, at the same position", async () => {
    const { ana, bob, anaSocket, bobSocket, conversationId } = await pair(gochat);
    await using anaPhone = await connectChat(gochat, ana);
    const id = send(anaSocket, bob.id, "  hello  ");
    const frames = await Promise.all(
      [anaSocket, anaPhone, bobSocket].map((socket) => socket.receives("message.stored")),
    );
    for (const frame of frames) {
      expect(frame).toEqual({
        type: "message.stored",
        conversationId,
        seq: 1,
        message: {
          conversationId,
          seq: 1,
          id,
          senderId: ana.id,
          body: "hello",
          createdAt: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
          digest: expect.any(String),
        },
      });
    }
  });

  test("keeps its place among its sender's, and both see one order", async () => {
    const { ana, bob, anaSocket, bobSocket } = await pair(gochat);
    const sentBy = { [ana.id]: [] as string[], [bob.id]: [] as string[] };
    for (let round = 0; round < limits.maxUnacknowledged; round++) {
      sentBy[ana.id]!.push(send(anaSocket, bob.id, `a${round}`));
      sentBy[bob.id]!.push(send(bobSocket, ana.id, `b${round}`));
    }
    const total = 2 * limits.maxUnacknowledged;
    await anaSocket.receives("message.stored", (frame) => frame.seq === total);
    await bobSocket.receives("message.stored", (frame) => frame.seq === total);
    const log = storedLog(anaSocket);
    expect(storedLog(bobSocket)).toEqual(log);
    expect(log.map((message) => message.seq)).toEqual(Array.from({ length: total }, (_, index) => index + 1));
    for (const [userId, ids] of Object.entries(sentBy)) {
      const own = log.filter((message) => message.senderId === userId);
      expect(own.map((message) => message.id)).toEqual(ids);
    }
  });

  test("goes into a conversation by its id, and may answer another", async () => {
    const { ana, bob, anaSocket, bobSocket, conversationId } = await pair(gochat);
    const first = send(anaSocket, bob.id, "hello");
    await bobSocket.receives("message.stored");
    bobSocket.send({ type: "message.send", id: randomUUID(), conversationId, body: "hi", replyTo: first });
    const answer = await anaSocket.receives("message.stored", (frame) => frame.seq === 2);
    expect(answer.message).toMatchObject({ body: "hi", replyTo: first, senderId: bob.id });
    expect(answer.message.senderId).not.toBe(ana.id);
  });

  test("sent again, by whichever device, has the same position; the id of another is refused", async () => {
    const { ana, bob, anaSocket, bobSocket } = await pair(gochat);
    await using anaPhone = await connectChat(gochat, ana);
    const id = send(anaSocket, bob.id, "once");
    send(anaSocket, bob.id, " once ", id);
    send(anaSocket, bob.id, "something else", id);
    const rejected = await anaSocket.receives("message.rejected");
    expect(rejected).toEqual({
      type: "message.rejected",
      id,
      code: "CLIENT_ID_REUSED",
      detail: expect.any(String),
    });
    send(anaPhone, bob.id, "once", id);
    await gochat.settle();
    send(bobSocket, ana.id, "two");
    await bobSocket.receives("message.stored", (frame) => frame.seq === 2);
    expect(storedLog(bobSocket).map((message) => message.seq)).toEqual([1, 1, 1, 2]);
    await anaPhone.silent("message.rejected", 0);
  });

  test("of 4,000 wide characters is stored as it is", async () => {
    const { bob, anaSocket, bobSocket } = await pair(gochat);
    const body = "😀".repeat(4000);
    send(anaSocket, bob.id, body);
    expect((await bobSocket.receives("message.stored")).message.body).toBe(body);
  });
});

describe("a refused message", () => {
  test.each([
    ["without a body", { body: undefined }],
    ["with an empty body", { body: "  " }],
    ["with 4,001 characters", { body: "x".repeat(4001) }],
    ["with a NUL", { body: "a\0b" }],
    ["with half a character", { body: "a\ud800b" }],
    ["with a body that is no text", { body: 7 }],
    ["to nobody", { to: undefined }],
    ["to a name", { to: "bob" }],
    ["both to a person and into a conversation", { conversationId: randomUUID() }],
    ["with an unknown field", { senderId: randomUUID() }],
    ["that answers what is no id", { replyTo: "1" }],
  ])("%s: INVALID_INPUT by its id", async (_name, wrong) => {
    const { bob, anaSocket } = await pair(gochat);
    const id = randomUUID();
    anaSocket.send({ type: "message.send", id, to: bob.id, body: "hello", ...wrong });
    expect(await anaSocket.receives("message.rejected")).toMatchObject({ id, code: "INVALID_INPUT" });
    await anaSocket.silent("error", 0);
  });

  test("to oneself is invalid", async () => {
    const { ana, anaSocket } = await pair(gochat);
    const id = send(anaSocket, ana.id, "note to self");
    expect(await anaSocket.receives("message.rejected")).toMatchObject({ id, code: "INVALID_INPUT" });
  });

  test.each(["1", "", undefined, null, randomUUID().toUpperCase()])(
    "with the id %s is an error",
    async (id) => {
      const { bob, anaSocket } = await pair(gochat);
      anaSocket.send({ type: "message.send", id, to: bob.id, body: "hello" });
      expect(await anaSocket.receives("error")).toMatchObject({ code: "INVALID_INPUT" });
      await anaSocket.silent("message.rejected", 0);
    },
  );

  test("into somebody else's conversation is refused like into one that is not there", async () => {
    const { bob, anaSocket, bobSocket, conversationId } = await pair(gochat);
    const eve = await gochat.person("eve");
    await using eveSocket = await connectChat(gochat, eve);
    send(anaSocket, bob.id, "secret");
    await bobSocket.receives("message.stored");
    const rejections = [];
    for (const target of [conversationId, randomUUID()]) {
      eveSocket.send({ type: "message.send", id: randomUUID(), conversationId: target, body: "let me in" });
      const { id: _id, ...rest } = await eveSocket.receives("message.rejected");
      rejections.push(rest);
    }
    expect(rejections[0]).toMatchObject({ code: "NOT_FOUND" });
    expect(rejections[0]).toEqual(rejections[1]);
    await eveSocket.silent("message.stored", 0);
    await bobSocket.silent("message.stored", 0);
  });

  test("to nobody is NOT_FOUND, and neighbours go on", async () => {
    const { bob, anaSocket, bobSocket } = await pair(gochat);
    const lost = send(anaSocket, randomUUID(), "hello?");
    send(anaSocket, bob.id, "hello");
    await bobSocket.receives("message.stored");
    expect(await anaSocket.receives("message.rejected")).toMatchObject({ id: lost, code: "NOT_FOUND" });
  });

  test("for which messages had no room says when to come again", async () => {
    await using alone = await startGoChat({ services: ["chat"] });
    const { bob, anaSocket, conversationId } = await pair(alone);
    await using _messages = await alone.broker.subscribe({
      service: "messages",
      contract: messageSent,
      key: partitionOf(conversationId, partitionCount),
      async handle([event]) {
        const { node, socket, id } = event!;
        const refusal = { code: "BUSY", detail: "Later.", retryAfterMs: 700 } as const;
        // Every node hears of it, and has a socket of this name.
        const elsewhere = { node: `not ${node}`, socket, id: randomUUID(), ...refusal };
        await alone.broker.publish(messageRejected, [elsewhere, { node, socket, id, ...refusal }]);
      },
    });
    const id = send(anaSocket, bob.id, "hello");
    expect(await anaSocket.receives("message.rejected")).toEqual({
      type: "message.rejected",
      id,
      code: "BUSY",
      detail: "Later.",
      retryAfterMs: 700,
    });
  });
});
