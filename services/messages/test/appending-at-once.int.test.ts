import { directConversationId } from "@gochat/contracts/conversation-id";
import type { MessageSent } from "@gochat/contracts/events/message-events";
import type { Queryable } from "@gochat/database/database";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appendMessages, learnEnds } from "../src/append-store.ts";
import { moveReadPositions } from "../src/conversation-store.ts";
import { LogEnds } from "../src/log-ends.ts";
import { markAnnounced, storeMessages } from "../src/message-store.ts";
import { sent } from "./fixtures.ts";
import { expectWhole, readLog } from "./logs.ts";

let gochat: GoChat;
let database: Queryable;
beforeAll(async () => {
  gochat = await startGoChat({ services: ["messages"] });
  database = gochat.database("messages");
});
afterAll(() => gochat[Symbol.asyncDispose]());

const pairs = (count: number) =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const [ana, bob] = [await gochat.person("ana"), await gochat.person("bob")];
      return { ana, bob, conversationId: directConversationId(ana.id, bob.id) };
    }),
  );

test("of two processes that append to one conversation at once one does", async () => {
  const [{ ana, bob, conversationId }] = (await pairs(1)) as [Awaited<ReturnType<typeof pairs>>[number]];
  const ends = new LogEnds();
  const first = [sent(ana, bob, "first")];
  learnEnds(ends, first, await storeMessages(database, first));
  for (let round = 0; round < 20; round++) {
    const other = new LogEnds();
    other.set(conversationId, ends.get(conversationId)!);
    const outcomes = await Promise.all(
      [ends, other].map((some) => appendMessages(database, some, [sent(ana, bob, "x"), sent(bob, ana, "y")])),
    );
    expect(outcomes.filter((outcome) => outcome !== undefined)).toHaveLength(1);
    ends.set(conversationId, (ends.get(conversationId) ?? other.get(conversationId))!);
  }
  const rows = await readLog(database, conversationId);
  expect(rows).toHaveLength(41);
  expectWhole(conversationId, rows);
});

test("appending, judging, reading and marking at once, in any order of conversations: nobody waits for ever", async () => {
  const all = await pairs(12);
  const first = all.map(({ ana, bob }) => sent(ana, bob, "first"));
  await storeMessages(database, first);
  const stored = new Set(first.map(({ id }) => id));
  const take = (events: readonly MessageSent[]) => {
    for (const { id } of events) stored.add(id);
  };
  const processes = Array.from({ length: 4 }, async (_, process) => {
    const ends = new LogEnds();
    const order = process % 2 === 0 ? all : all.toReversed();
    for (let round = 0; round < 15; round++) {
      const events = order.map(({ ana, bob }) =>
        (process + round) % 3 === 0 ? sent(bob, ana, `${process}`) : sent(ana, bob, `${process}`),
      );
      if (!(await appendMessages(database, ends, events))) {
        const outcomes = await storeMessages(database, events);
        expect(outcomes.every(({ outcome }) => outcome === "stored")).toBe(true);
        learnEnds(ends, events, outcomes);
      }
      take(events);
    }
  });
  const others = Array.from({ length: 30 }, async (_, round) => {
    const order = round % 2 === 0 ? all : all.toReversed();
    const of = ({ conversationId }: { conversationId: string }) => conversationId;
    await markAnnounced(
      database,
      order.map((pair) => ({ conversationId: of(pair), first: 1, last: 1 })),
    );
    const seen = order.map((pair) => ({ conversationId: of(pair), userId: pair.bob.id, seq: round }));
    await moveReadPositions(database, seen);
  });
  await Promise.all([...processes, ...others]);
  let count = 0;
  for (const { conversationId, ana, bob } of all) {
    const rows = await readLog(database, conversationId);
    expectWhole(conversationId, rows);
    count += rows.length;
    const positions = await database.query<{ user_id: string; read_seq: number }>(
      "SELECT user_id, read_seq FROM read_positions WHERE conversation_id = $1",
      [conversationId],
    );
    for (const { id } of [ana, bob]) {
      const own = rows.findLast(({ senderId }) => senderId === id)?.seq ?? 0;
      expect(positions.find(({ user_id }) => user_id === id)?.read_seq).toBeGreaterThanOrEqual(own);
    }
  }
  expect(count).toBe(stored.size);
});

// As for judging, in storing.int.test.ts.
test("starts with nothing, appends 50,000, and gets no slower", { timeout: 120_000 }, async () => {
  await using fresh = await startGoChat({ services: ["messages"] });
  const own = fresh.database("messages");
  const people = await Promise.all(Array.from({ length: 40 }, (_, index) => fresh.person(`person${index}`)));
  const direct = people.map((person, index) => [person, people[(index + 1) % people.length]!] as const);
  const batchOf = (batch: number) =>
    Array.from({ length: 500 }, (_, index) => {
      const [from, to] = direct[(batch + index) % direct.length]!;
      return sent(from, to, `message ${index}`);
    });
  const ends = new LogEnds();
  const first = batchOf(0);
  learnEnds(ends, first, await storeMessages(own, first));
  const times: number[] = [];
  for (let batch = 1; batch < 100; batch++) {
    const events = batchOf(batch);
    const start = performance.now();
    expect(await appendMessages(own, ends, events)).toHaveLength(500);
    times.push(performance.now() - start);
  }
  const median = (part: number[]) => part.sort((a, b) => a - b)[part.length >>> 1]!;
  expect(median(times.slice(-25))).toBeLessThan(3 * median(times.slice(0, 25)));
});
