import { randomUUID } from "node:crypto";
import { PublishTimeoutError } from "@gochat/broker/broker";
import { directConversationId, partitionOf } from "@gochat/contracts/conversation-id";
import {
  type HeadsAnswered,
  headsAnswered,
  headsRequested,
  type MessageRead,
  messageRead,
  messageSeen,
} from "@gochat/contracts/events/message-events";
import { partitionCount } from "@gochat/contracts/limits";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { markRead } from "../src/commands/mark-read.ts";
import { moveReadPositions } from "../src/conversation-store.ts";
import { storeMessages } from "../src/message-store.ts";
import { never, origin, partsOf, sent } from "./fixtures.ts";

let gochat: GoChat;
const read: MessageRead[] = [];
const answered: HeadsAnswered[] = [];
beforeAll(async () => {
  gochat = await startGoChat({ services: ["messages"] });
  await gochat.broker.subscribe({
    service: "chat",
    contract: messageRead,
    handle: async (events) => void read.push(...events),
  });
  await gochat.broker.subscribe({
    service: "chat",
    contract: headsAnswered,
    key: origin.node,
    handle: async (events) => void answered.push(...events),
  });
});
afterAll(() => gochat[Symbol.asyncDispose]());

async function pair(count: number) {
  const [ana, bob] = [await gochat.person("ana"), await gochat.person("bob")];
  const messages = Array.from({ length: count }, (_, index) => sent(ana, bob, `${index}`));
  if (count > 0) await storeMessages(gochat.database("messages"), messages);
  return { ana, bob, conversationId: directConversationId(ana.id, bob.id) };
}

async function seen(
  conversationId: string,
  ...positions: [userId: string, seq: number][]
): Promise<MessageRead[]> {
  read.length = 0;
  const events = positions.map(([userId, seq]) => ({ conversationId, userId, seq }));
  await gochat.broker.publish(messageSeen, events, { key: partitionOf(conversationId, partitionCount) });
  await gochat.settle();
  return [...read];
}

describe("a read position", () => {
  test("moves forward, is announced when it moved, and never moves back", async () => {
    const { ana, bob, conversationId } = await pair(9);
    const moved = (readSeq: number) => [
      { conversationId, userId: bob.id, readSeq, memberIds: [bob.id, ana.id] },
    ];
    expect(await seen(conversationId, [bob.id, 3])).toEqual(moved(3));
    expect(await seen(conversationId, [bob.id, 3])).toEqual([]);
    expect(await seen(conversationId, [bob.id, 2])).toEqual([]);
    expect(await seen(conversationId, [bob.id, 5], [bob.id, 7], [bob.id, 4])).toEqual(moved(7));
    expect(
      (await bob.request("GET", `/api/conversations/${conversationId}`)).body.conversation,
    ).toMatchObject({
      unreadCount: 2,
      members: [{ readSeq: 9 }, { readSeq: 7 }],
    });
  });

  test("past the head is the head", async () => {
    const { bob, conversationId } = await pair(4);
    expect(await seen(conversationId, [bob.id, Number.MAX_SAFE_INTEGER])).toMatchObject([{ readSeq: 4 }]);
  });

  test("of a stranger, or in an unknown conversation, is nothing", async () => {
    const { conversationId } = await pair(4);
    const { ana: eve } = await pair(0);
    expect(await seen(conversationId, [eve.id, 3])).toEqual([]);
    expect(await seen(randomUUID(), [eve.id, 3])).toEqual([]);
  });
});

describe("a read position of which nobody heard", () => {
  const delivery = { signal: never, attempt: 1, publishedAt: "", traces: [], deadLetter: async () => {} };

  /** The parts of the service; the first publication fails after the position moved. */
  function failingOnce() {
    const announced: unknown[] = [];
    let failures = 0;
    const publish = async (_contract: unknown, events: readonly unknown[]) => {
      if (failures++ === 0) throw new PublishTimeoutError("message.read");
      announced.push(...events);
    };
    return { announced, parts: partsOf(gochat, { broker: { publish, durable: false } }) };
  }

  test("because the broker did not take it, is announced when it does", async () => {
    const { ana, bob, conversationId } = await pair(5);
    const { announced, parts } = failingOnce();
    const seenByBob = [3, 4].map((seq) => ({ conversationId, userId: bob.id, seq }));
    await markRead(parts, [...seenByBob, { conversationId, userId: randomUUID(), seq: 4 }], delivery);
    expect(announced).toEqual([{ conversationId, userId: bob.id, readSeq: 4, memberIds: [bob.id, ana.id] }]);
  });

  test("because the process died, is announced when it is delivered again", async () => {
    const { bob, conversationId } = await pair(5);
    const seenByBob = [{ conversationId, userId: bob.id, seq: 3 }];
    await moveReadPositions(gochat.database("messages"), seenByBob);
    read.length = 0;
    await markRead(partsOf(gochat), seenByBob, delivery);
    await gochat.settle();
    expect(read).toEqual([]);
    await markRead(partsOf(gochat), seenByBob, { ...delivery, attempt: 2 });
    await gochat.settle();
    expect(read).toMatchObject([{ conversationId, userId: bob.id, readSeq: 3 }]);
  });
});

describe("heads", () => {
  const moveActivity = (conversationId: string, by: string) =>
    gochat
      .database("messages")
      .query("UPDATE conversations SET last_activity_at = last_activity_at + $2::interval WHERE id = $1", [
        conversationId,
        by,
      ]);

  async function ask(request: {
    userId?: string;
    heads?: Record<string, number>;
    spanMs?: number;
    asOf?: number;
    socket?: string;
  }) {
    answered.length = 0;
    await gochat.broker.publish(headsRequested, [{ node: origin.node, ...request }]);
    await gochat.settle();
    return answered.flatMap(({ heads }) => heads);
  }

  test("of one person: what is past the device, or not listed", async () => {
    const { ana, bob, conversationId } = await pair(5);
    const head = { conversationId, headSeq: 5, memberIds: expect.arrayContaining([ana.id, bob.id]) };
    const { userId, socket } = { userId: bob.id, socket: "3" };
    expect(await ask({ userId, socket })).toEqual([head]);
    expect(await ask({ userId, socket, heads: { [conversationId]: 4 } })).toEqual([head]);
    expect(answered).toMatchObject([{ node: origin.node, socket: "3" }]);
    expect(await ask({ userId, socket, heads: { [conversationId]: 5 } })).toEqual([]);
    expect(
      await ask({ userId, socket, heads: { [conversationId]: 5, [randomUUID()]: 0, __proto__: 1 } as never }),
    ).toEqual([]);
  });

  test("are silent about conversations of others", async () => {
    const { conversationId } = await pair(5);
    const eve = await gochat.person("eve");
    expect(await ask({ userId: eve.id, socket: "3", heads: { [conversationId]: 1 } })).toEqual([]);
  });

  test("of all that moved in a span", async () => {
    const { conversationId, ana, bob } = await pair(2);
    const { conversationId: empty } = await pair(0);
    const heads = await ask({ spanMs: 60_000 });
    expect(heads).toContainEqual({
      conversationId,
      headSeq: 2,
      memberIds: expect.arrayContaining([ana.id, bob.id]),
    });
    expect(heads.map((head) => head.conversationId)).not.toContain(empty);
    await moveActivity(conversationId, "-10 minutes");
    expect((await ask({ spanMs: 60_000 })).map((head) => head.conversationId)).not.toContain(conversationId);
  });

  test("that a node asked for several times are answered once, and so that it knows when that is all", async () => {
    const { conversationId } = await pair(2);
    const requests = [
      { node: origin.node, spanMs: 0, asOf: 1 },
      { node: origin.node, spanMs: 60_000, asOf: 2 },
      { node: origin.node, spanMs: 0, asOf: 3.5 },
    ];
    answered.length = 0;
    await gochat.broker.publish(headsRequested, requests);
    await gochat.settle();
    expect(answered).toHaveLength(1);
    expect(answered[0]).toMatchObject({ asOf: requests[2]!.asOf });
    expect(answered[0]!.heads.map((head) => head.conversationId)).toContain(conversationId);
    await ask(requests[0]!);
    expect(answered).toEqual([{ node: origin.node, heads: [], asOf: requests[0]!.asOf }]);
  });

  test("for a node that is gone are nobody's trouble", async () => {
    const { bob } = await pair(1);
    await gochat.broker.publish(headsRequested, [{ node: "gone", socket: "1", userId: bob.id }]);
    await gochat.settle();
    expect(gochat.broker.deadLetters("messages")).toEqual([]);
  });
});
