import { randomUUID } from "node:crypto";
import { directConversationId, partitionOf } from "@gochat/contracts/conversation-id";
import {
  type HeadsAnswered,
  headsAnswered,
  headsRequested,
  type MessageRead,
  messageRead,
  messageSeen,
} from "@gochat/contracts/events/message-events";
import { userRegistered } from "@gochat/contracts/events/user-events";
import { partitionCount } from "@gochat/contracts/limits";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { answerHeads } from "../src/commands/answer-heads.ts";
import { addPeople, findPeople } from "../src/conversation-store.ts";
import { storeMessages } from "../src/message-store.ts";
import { origin, partsOf, sent } from "./fixtures.ts";

// What every consumer must bear: the same event twice, a poisoned one, a crash between writing and acknowledging.

let gochat: GoChat;
const read: MessageRead[] = [];
const answered: HeadsAnswered[] = [];
beforeAll(async () => {
  gochat = await startGoChat({ services: ["messages"], settings: { logLevel: "silent" } });
  const chat = { service: "chat" } as const;
  await gochat.broker.subscribe({
    ...chat,
    contract: messageRead,
    handle: async (some) => void read.push(...some),
  });
  await gochat.broker.subscribe({
    ...chat,
    contract: headsAnswered,
    key: origin.node,
    handle: async (events) => void answered.push(...events),
  });
});
afterAll(() => gochat[Symbol.asyncDispose]());
beforeEach(() => {
  read.length = 0;
  answered.length = 0;
});

const lastLetter = () => gochat.broker.deadLetters("messages").at(-1)?.events;

async function talk(count: number) {
  const [ana, bob] = [await gochat.person("ana"), await gochat.person("bob")];
  const messages = Array.from({ length: count }, (_, index) => sent(ana, bob, `${index}`));
  await storeMessages(gochat.database("messages"), messages);
  return { ana, bob, conversationId: directConversationId(ana.id, bob.id) };
}

describe("somebody who registered", () => {
  const at = "2026-01-01T00:00:00.000Z";
  const registered = (username: string) => ({ userId: randomUUID(), username, at });
  const publish = async (...people: ReturnType<typeof registered>[]) => {
    await gochat.broker.publish(userRegistered, people);
    await gochat.settle();
  };
  const known = (...people: ReturnType<typeof registered>[]) =>
    findPeople(
      gochat.database("messages"),
      people.map(({ userId }) => userId),
    );

  test("is one person however often that is heard, also after a crash", async () => {
    const [kim, lea] = [registered("kim"), registered("lea")];
    await publish(kim);
    await publish(kim);
    // The process that died had written both.
    await addPeople(gochat.database("messages"), [kim, lea]);
    await publish(lea, kim);
    expect(await known(kim, lea)).toEqual(new Set([kim.userId, lea.userId]));
    expect(gochat.broker.deadLetters("messages")).toEqual([]);
  });

  test("and cannot be kept is put aside; the neighbours are known", async () => {
    await gochat
      .database("messages")
      .query("ALTER TABLE people ADD CONSTRAINT poison CHECK (username <> 'poison')");
    const [max, poisoned, zoe] = [registered("max"), registered("poison"), registered("zoe")];
    await publish(max, poisoned, zoe);
    expect(await known(max, poisoned, zoe)).toEqual(new Set([max.userId, zoe.userId]));
    expect(lastLetter()).toEqual([poisoned]);
  });
});

describe("a request for heads", () => {
  const publish = async (...requests: Parameters<typeof answerHeads>[1]) => {
    await gochat.broker.publish(headsRequested, [...requests]);
    await gochat.settle();
  };

  test("is answered however often it comes, also after a crash", async () => {
    const { bob, ana, conversationId } = await talk(2);
    const request = { ...origin, userId: bob.id };
    await publish(request);
    await publish(request);
    // The process that died had answered.
    await answerHeads(partsOf(gochat), [request]);
    await publish(request);
    const answer = { ...origin, heads: [{ conversationId, memberIds: [bob.id, ana.id], headSeq: 2 }] };
    expect(answered).toEqual([answer, answer, answer, answer]);
  });

  test("that cannot be answered is put aside; its neighbours are answered", async () => {
    const [one, two] = [await talk(1), await talk(3)];
    // It fits the schema, and leads to a time before all that PostgreSQL knows.
    const poisoned = { node: origin.node, spanMs: 8_000 * 365 * 86_400_000 };
    await publish({ ...origin, userId: one.bob.id }, poisoned, { ...origin, userId: two.bob.id });
    const heads = answered.flatMap((answer) => answer.heads.map(({ headSeq }) => headSeq));
    expect(new Set(heads)).toEqual(new Set([1, 3]));
    expect(lastLetter()).toEqual([poisoned]);
  });
});

test("a read position that cannot be kept is put aside; its neighbours move", async () => {
  const { ana, bob, conversationId } = await talk(5);
  await gochat.database("messages").query("ALTER TABLE members ADD CONSTRAINT poison CHECK (read_seq <> 4)");
  const kim = await gochat.person("kim");
  const poisoned = { conversationId, userId: bob.id, seq: 4 };
  const events = [
    { conversationId, userId: bob.id, seq: 3 },
    { conversationId, userId: kim.id, seq: 1 },
    poisoned,
    { conversationId, userId: bob.id, seq: 2 },
  ];
  await gochat.broker.publish(messageSeen, events, { key: partitionOf(conversationId, partitionCount) });
  await gochat.settle();
  expect(read.at(-1)).toEqual({ conversationId, userId: bob.id, readSeq: 3, memberIds: [bob.id, ana.id] });
  expect(lastLetter()).toEqual([poisoned]);
});
