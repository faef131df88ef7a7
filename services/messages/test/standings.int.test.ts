import { directConversationId } from "@gochat/contracts/conversation-id";
import {
  type StandingsAnswered,
  type StandingsRequested,
  standingsAnswered,
  standingsRequested,
} from "@gochat/contracts/events/message-events";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import { afterAll, beforeAll, expect, test } from "vitest";
import { moveReadPositions } from "../src/conversation-store.ts";
import { storeMessages } from "../src/message-store.ts";
import { sent } from "./fixtures.ts";

let gochat: GoChat;
const answers: StandingsAnswered[] = [];
beforeAll(async () => {
  gochat = await startGoChat({ services: ["messages"], settings: { logLevel: "silent" } });
  await gochat.broker.subscribe({
    service: "notifications",
    contract: standingsAnswered,
    handle: async (events) => void answers.push(...events),
  });
});
afterAll(() => gochat[Symbol.asyncDispose]());

async function ask(...requests: StandingsRequested[]): Promise<StandingsAnswered[]> {
  answers.length = 0;
  await gochat.broker.publish(standingsRequested, requests);
  await gochat.settle();
  return [...answers];
}

test("a standing says the head, where both have read up to, and the newest message", async () => {
  const [ana, bob] = [await gochat.person("ana"), await gochat.person("bob")];
  const database = gochat.database("messages");
  await storeMessages(database, [sent(ana, bob, "one"), sent(bob, ana, "two"), sent(ana, bob, "three")]);
  const conversationId = directConversationId(ana.id, bob.id);
  const [answer] = await ask({});
  expect(answer!.standings).toEqual([
    {
      conversationId,
      headSeq: 3,
      members: expect.arrayContaining([
        { userId: ana.id, readSeq: 3 },
        { userId: bob.id, readSeq: 2 },
      ]),
      senderId: ana.id,
      senderUsername: "ana",
      text: "three",
      createdAt: expect.any(String),
    },
  ]);
  expect(Date.now() - Date.parse(answer!.until)).toBeGreaterThan(50_000);
  expect(answer).not.toHaveProperty("next");

  const soon = new Date(Date.now() + 60_000).toISOString();
  await database.query("UPDATE conversations SET last_activity_at = last_activity_at - interval '1 hour'");
  expect((await ask({ since: soon }))[0]!.standings).toEqual([]);
  const before = new Date(Date.now() - 60_000).toISOString();
  expect((await ask({ since: before }))[0]!.standings).toEqual([]);
  await moveReadPositions(database, [{ conversationId, userId: bob.id, seq: 3 }]);
  expect((await ask({ since: before }))[0]!.standings).toMatchObject([{ conversationId, headSeq: 3 }]);
});

test("pages lead through all of them; what is asked twice at once is answered once", async () => {
  const ana = await gochat.person("ana");
  const others = Array.from({ length: 260 }, () => ({ id: crypto.randomUUID(), username: "somebody" }));
  const database = gochat.database("messages");
  await database.query("INSERT INTO people (id, username) SELECT unnest($1::uuid[]), 'somebody'", [
    others.map(({ id }) => id),
  ]);
  await storeMessages(
    database,
    others.map((other) => sent(ana, other, "hello")),
  );
  const since = new Date(Date.now() - 600_000).toISOString();
  const [first, ...more] = await ask({ since }, { since });
  expect(more).toEqual([]);
  const { until, next } = first!;
  const [second] = await ask({ since, until, after: next! });
  expect(second).toMatchObject({ since, until });
  expect(second).not.toHaveProperty("next");
  const found = [...first!.standings, ...second!.standings].map(({ conversationId }) => conversationId);
  const expected = others.map((other) => directConversationId(ana.id, other.id));
  expect(new Set(found).isSupersetOf(new Set(expected))).toBe(true);
  expect(new Set(found).size).toBe(found.length);
});

test("a request that cannot be answered is put aside; its neighbours are answered", async () => {
  const poisoned = { since: "2026-99-99T99:99:99.999Z" };
  const since = new Date().toISOString();
  // Those before it were perhaps answered already: once more does no harm.
  expect(new Set((await ask({ since }, poisoned)).map((answer) => answer.since))).toEqual(new Set([since]));
  expect(gochat.broker.deadLetters("messages").at(-1)?.events).toEqual([poisoned]);
});
