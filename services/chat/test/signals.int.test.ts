import { randomUUID } from "node:crypto";
import { directConversationId } from "@gochat/contracts/conversation-id";
import { type HeadsRequested, headsAnswered, headsRequested } from "@gochat/contracts/events/message-events";
import type { Connection } from "@gochat/runtime/socket-server";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import { connectChat } from "@gochat/testing/sockets";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startHeadRequests } from "../src/head-requests.ts";
import { pair, send } from "./people.ts";

let gochat: GoChat;
beforeAll(async () => {
  gochat = await startGoChat({ services: ["messages", "chat"] });
});
afterAll(() => gochat[Symbol.asyncDispose]());

async function talk(count: number) {
  const people = await pair(gochat);
  for (let index = 0; index < count; index++) send(people.anaSocket, people.bob.id, `${index}`);
  await people.bobSocket.receives("message.stored", (frame) => frame.seq === count);
  await people.anaSocket.receives("message.stored", (frame) => frame.seq === count);
  return people;
}

describe("reading", () => {
  test("is told to every device of both, once, and never moves back", async () => {
    const { bob, anaSocket, bobSocket, conversationId } = await talk(5);
    await using bobPhone = await connectChat(gochat, bob);
    const read = (seq: number) => bobSocket.send({ type: "message.read", conversationId, seq });
    read(3);
    for (const socket of [anaSocket, bobSocket, bobPhone]) {
      const frame = await socket.receives("message.read");
      expect(frame).toEqual({ type: "message.read", conversationId, userId: bob.id, readSeq: 3 });
    }
    read(3);
    read(1);
    read(100);
    expect(await anaSocket.receives("message.read")).toMatchObject({ readSeq: 5 });
    await anaSocket.silent("message.read", 0);
  });

  test("in somebody else's conversation is silence", async () => {
    const { anaSocket, bobSocket, conversationId } = await talk(2);
    const eve = await gochat.person("eve");
    await using eveSocket = await connectChat(gochat, eve);
    eveSocket.send({ type: "message.read", conversationId, seq: 1 });
    eveSocket.send({ type: "message.read", conversationId: randomUUID(), seq: 1 });
    bobSocket.send({ type: "message.read", conversationId, seq: 2 });
    const { userId } = await anaSocket.receives("message.read");
    expect(userId).not.toBe(eve.id);
    await eveSocket.silent("message.read", 0);
  });
});

describe("typing", () => {
  test("is shown to the other member only, at most once in 3 s", async () => {
    const { ana, anaSocket, bobSocket, conversationId } = await talk(1);
    await using anaPhone = await connectChat(gochat, ana);
    for (let times = 0; times < 3; times++) anaSocket.send({ type: "typing", conversationId });
    anaPhone.send({ type: "typing", conversationId });
    expect(await bobSocket.receives("typing")).toEqual({ type: "typing", conversationId, userId: ana.id });
    bobSocket.send({ type: "typing", conversationId });
    await anaPhone.receives("typing");
    await bobSocket.silent("typing", 0);
    await anaSocket.receives("typing");
    await anaSocket.silent("typing", 0);
  });

  test("at somebody with whom there is no conversation is silence", async () => {
    const { bob, bobSocket, conversationId } = await talk(1);
    const eve = await gochat.person("eve");
    await using eveSocket = await connectChat(gochat, eve);
    const withBob = directConversationId(eve.id, bob.id);
    for (let times = 0; times < 2; times++) {
      eveSocket.send({ type: "typing", conversationId: withBob });
      eveSocket.send({ type: "typing", conversationId });
      await gochat.settle();
    }
    await bobSocket.silent("typing", 100);
    await eveSocket.silent("error", 0);
  });

  test("is shown in a conversation of which this node has not heard, and asks for it without a frame", async () => {
    const { ana, bob, anaSocket, bobSocket, conversationId } = await pair(gochat);
    await ana.request("POST", "/api/conversations", { userId: bob.id });
    anaSocket.send({ type: "typing", conversationId });
    expect(await bobSocket.receives("typing")).toEqual({ type: "typing", conversationId, userId: ana.id });
    await gochat.settle();
    await anaSocket.silent("head", 0);
    await bobSocket.silent("head", 0);
  });

  test("before the first message of a conversation is over when that message is there", async () => {
    const { bob, anaSocket, bobSocket, conversationId } = await pair(gochat);
    anaSocket.send({ type: "typing", conversationId });
    anaSocket.send({ type: "message.send", id: randomUUID(), to: bob.id, body: "Hello" });
    await bobSocket.receives("message.stored");
    await gochat.settle();
    await bobSocket.silent("typing", 50);
    anaSocket.send({ type: "typing", conversationId });
    await bobSocket.receives("typing");
  });

  test("is shown at the second sign at the latest after a fresh start of this node", async () => {
    await using chatAlone = await startGoChat({ services: ["chat"] });
    const { ana, bob, anaSocket, bobSocket, conversationId } = await pair(chatAlone);
    const asked: HeadsRequested[] = [];
    await using _messages = await chatAlone.broker.subscribe({
      service: "messages",
      contract: headsRequested,
      handle: async (requests) => void asked.push(...requests),
    });
    for (let times = 0; times < 5; times++) anaSocket.send({ type: "typing", conversationId });
    await vi.waitFor(() => expect(asked).toMatchObject([{ node: chatAlone.nodeId, userId: ana.id }]));
    await chatAlone.settle();
    await bobSocket.silent("typing", 0);
    const heads = [{ conversationId, memberIds: [ana.id, bob.id], headSeq: 1 }];
    const { node, socket } = asked[0]!;
    await chatAlone.broker.publish(headsAnswered, [{ node, socket: socket!, heads }], { key: node });
    await chatAlone.settle();
    anaSocket.send({ type: "typing", conversationId });
    await bobSocket.receives("typing");
    await anaSocket.silent("head", 0);
    expect(asked).toHaveLength(1);
  });
});

describe("resuming", () => {
  test("is answered with the head of each conversation that moved or is not listed", async () => {
    const { bob, anaSocket, conversationId } = await talk(4);
    await using bobPhone = await connectChat(gochat, bob);
    const head = { type: "head", conversationId, headSeq: 4 };
    bobPhone.send({ type: "resume", heads: {} });
    expect(await bobPhone.receives("head")).toEqual(head);
    bobPhone.send({ type: "resume", heads: { [conversationId]: 3 } });
    expect(await bobPhone.receives("head")).toEqual(head);
    bobPhone.send({ type: "resume", heads: { [conversationId]: 4, [randomUUID()]: 1 } });
    await gochat.settle();
    await bobPhone.silent("head", 50);
    await anaSocket.silent("head", 0);
  });

  test("says nothing about conversations of others", async () => {
    const { conversationId } = await talk(1);
    const eve = await gochat.person("eve");
    await using eveSocket = await connectChat(gochat, eve);
    eveSocket.send({ type: "resume", heads: { [conversationId]: 0, [randomUUID()]: 4 } });
    await gochat.settle();
    await eveSocket.silent("head", 50);
    await eveSocket.silent("error", 0);
  });

  test("takes nothing but ids and positions", async () => {
    const { anaSocket, conversationId } = await talk(1);
    for (const heads of ['{"__proto__":5}', '{"constructor":1}', `{"${conversationId}\\n":"x"}`]) {
      anaSocket.sendText(`{"type":"resume","heads":${heads}}`);
      expect(await anaSocket.receives("error")).toMatchObject({ code: "INVALID_INPUT" });
    }
  });
});

describe("heads of what moved lately", () => {
  test("go to the members who are here, and to nobody else", async () => {
    const { bob, anaSocket, bobSocket, conversationId } = await talk(3);
    const eve = await gochat.person("eve");
    await using eveSocket = await connectChat(gochat, eve);
    await using bobPhone = await connectChat(gochat, bob);
    await gochat.broker.publish(headsRequested, [{ node: gochat.nodeId, spanMs: 60_000 }]);
    for (const socket of [anaSocket, bobSocket, bobPhone]) {
      const frame = await socket.receives("head", (head) => head.conversationId === conversationId);
      expect(frame.headSeq).toBe(3);
    }
    await eveSocket.silent("head", 0);
  });

  test("come with what was read since, where the node asks for that too", async () => {
    const { bob, anaSocket, bobSocket, conversationId } = await talk(2);
    bobSocket.send({ type: "message.read", conversationId, seq: 2 });
    const read = { type: "message.read", conversationId, userId: bob.id, readSeq: 2 };
    expect(await anaSocket.receives("message.read")).toEqual(read);
    await gochat.broker.publish(headsRequested, [{ node: gochat.nodeId, spanMs: 60_000, reads: true }]);
    expect(await anaSocket.receives("message.read", ({ userId }) => userId === bob.id)).toEqual(read);
  });

  test("are asked for from the last answer on, however long that is ago", async () => {
    const asked: HeadsRequested[] = [];
    let reconnected = () => {};
    let now = 0;
    const sockets = { all: new Set<Connection>() };
    const requests = startHeadRequests({
      nodeId: "n",
      elapsed: () => now,
      outgoing: { heads: { add: (request) => Boolean(asked.push(request)) } },
      broker: {
        onReconnect(listener) {
          reconnected = listener;
          return () => {};
        },
      },
      sockets,
    });
    reconnected();
    expect(asked).toEqual([]);
    sockets.all.add({} as Connection);
    const askAt = (seconds: number) => {
      now = seconds * 1_000;
      reconnected();
      return asked.at(-1);
    };
    const asks = (since: number, until: number) => ({ spanMs: (until - since) * 1_000, asOf: until * 1_000 });
    expect(askAt(300)).toEqual({ node: "n", ...asks(-60, 300), reads: true });
    expect(askAt(600)).toMatchObject(asks(-60, 600));
    requests.answered(300_000);
    expect(askAt(601)).toMatchObject(asks(-60, 601));
    requests.answered(601_000);
    expect(askAt(900)).toMatchObject(asks(541, 900));
    // An answer that took so long counted its span back from too late a time.
    now = 940_000;
    requests.answered(900_000);
    expect(askAt(941)).toMatchObject(asks(541, 941));
    requests.stop();
  });
});
