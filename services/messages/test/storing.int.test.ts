import { randomUUID } from "node:crypto";
import { directConversationId } from "@gochat/contracts/conversation-id";
import { extendDigest, firstDigest } from "@gochat/contracts/digest";
import type { MessageSent } from "@gochat/contracts/events/message-events";
import type { Queryable } from "@gochat/database/database";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { splitAtReferences } from "../src/batch.ts";
import { type Outcome, storeMessages } from "../src/message-store.ts";
import { type Somebody, sent } from "./fixtures.ts";

let gochat: GoChat;
let database: Queryable;
beforeAll(async () => {
  gochat = await startGoChat({ services: ["messages"] });
  database = gochat.database("messages");
});
afterAll(() => gochat[Symbol.asyncDispose]());

async function pair(): Promise<{ ana: Somebody; bob: Somebody; conversationId: string }> {
  const [ana, bob] = [await gochat.person("ana"), await gochat.person("bob")];
  return { ana, bob, conversationId: directConversationId(ana.id, bob.id) };
}

/** As the service does it: what answers or repeats another message comes after it. */
async function storeInParts(events: readonly MessageSent[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const part of splitAtReferences(events)) outcomes.push(...(await storeMessages(database, part)));
  return outcomes;
}

async function store(...events: MessageSent[]): Promise<[string, number][]> {
  return (await storeInParts(events)).map(({ outcome, seq }) => [outcome, seq]);
}

const inBase64 = (digest: Uint8Array) => Buffer.from(digest).toString("base64");

const log = (conversationId: string) =>
  database.query<{ seq: number; id: string; senderId: string; body: string; digest: Buffer }>(
    'SELECT seq, id, sender_id AS "senderId", body, digest FROM messages WHERE conversation_id = $1 ORDER BY seq',
    [conversationId],
  );

async function positions(conversationId: string): Promise<Record<string, number>> {
  const rows = await database.query<{ user_id: string; read_seq: number }>(
    "SELECT user_id, read_seq FROM read_positions WHERE conversation_id = $1",
    [conversationId],
  );
  return Object.fromEntries(rows.map((row) => [row.user_id, row.read_seq]));
}

describe("storing", () => {
  test("extends the hash chain of the conversation, and answers a replay with the digest that it has", async () => {
    const { ana, bob, conversationId } = await pair();
    const [first, second] = [sent(ana, bob, "Grüße 👋"), sent(bob, ana, "2")];
    const stored = await storeMessages(database, [first, second]);
    const digest = extendDigest(firstDigest(conversationId), { ...first, seq: 1 });
    const next = extendDigest(digest, { ...second, seq: 2 });
    expect(stored.map((outcome) => outcome.digest)).toEqual([digest, next].map(inBase64));
    const [replayed] = await storeMessages(database, [first, sent(ana, bob, "3")]);
    expect(replayed).toMatchObject({ outcome: "replayed", seq: 1, digest: inBase64(digest) });
  });

  test("gives out positions in the order of the input, from 1, without holes", async () => {
    const { ana, bob, conversationId } = await pair();
    expect(await store(sent(ana, bob, "1"), sent(bob, ana, "2"))).toEqual([
      ["stored", 1],
      ["stored", 2],
    ]);
    expect(await store(sent(ana, bob, "3"), sent(ana, bob, "4"), sent(bob, ana, "5"))).toEqual([
      ["stored", 3],
      ["stored", 4],
      ["stored", 5],
    ]);
    expect((await log(conversationId)).map((row) => row.body)).toEqual(["1", "2", "3", "4", "5"]);
  });

  test("answers the same message again with its position, and stores nothing", async () => {
    const { ana, bob, conversationId } = await pair();
    const message = sent(ana, bob, "once");
    await store(message);
    await store(sent(bob, ana, "between"));
    expect(await store(message, sent(ana, bob, "new"), message)).toEqual([
      ["replayed", 1],
      ["stored", 3],
      ["replayed", 1],
    ]);
    expect(await log(conversationId)).toHaveLength(3);
  });

  test("stores a message once that is twice in a batch", async () => {
    const { ana, bob, conversationId } = await pair();
    const message = sent(ana, bob, "once");
    expect(await store(message, sent(bob, ana, "two"), message, { ...message, body: "other" })).toEqual([
      ["stored", 1],
      ["stored", 2],
      ["replayed", 1],
      ["CLIENT_ID_REUSED", expect.anything()],
    ]);
    expect(await log(conversationId)).toHaveLength(2);
  });

  test("refuses the id of another message, but not the id of another person's message", async () => {
    const { ana, bob } = await pair();
    const message = sent(ana, bob, "one");
    await store(message);
    expect(await store({ ...message, body: "other" })).toEqual([["CLIENT_ID_REUSED", 1]]);
    expect(await store(sent(bob, ana, "other", { id: message.id }))).toEqual([["stored", 2]]);
  });

  test("refuses strangers, unknown conversations, nobody and oneself; neighbours are stored", async () => {
    const { ana, bob, conversationId } = await pair();
    const { ana: eve } = await pair();
    await store(sent(ana, bob, "ours"));
    const nobody = { id: randomUUID(), username: "nobody" };
    const outcomes = await store(
      sent(eve, bob, "let me in", { conversationId }),
      sent(ana, bob, "neighbour"),
      sent(ana, bob, "where", { conversationId: randomUUID() }),
      sent(ana, nobody, "hello?"),
      sent(ana, ana, "me"),
      sent(bob, ana, "neighbour too", { conversationId }),
    );
    expect(outcomes.map(([outcome]) => outcome)).toEqual([
      "NOT_FOUND",
      "stored",
      "NOT_FOUND",
      "UNKNOWN_RECIPIENT",
      "SELF",
      "stored",
    ]);
    expect(await log(conversationId)).toHaveLength(3);
    expect(
      await database.query("SELECT FROM conversations WHERE id = $1", [
        directConversationId(ana.id, nobody.id),
      ]),
    ).toEqual([]);
  });

  test("a replay is one whatever it says that it answers, also alone in its batch", async () => {
    const { ana, bob } = await pair();
    const first = sent(ana, bob, "hello");
    expect(await store(first)).toEqual([["stored", 1]]);
    const lost = { replyTo: randomUUID() };
    expect(await store({ ...first, ...lost })).toEqual([["replayed", 1]]);
    expect(await store({ ...first, ...lost, body: "other" })).toEqual([["CLIENT_ID_REUSED", 1]]);
    expect(await store(sent(bob, ana, "to what?", lost), { ...first, ...lost })).toEqual([
      ["REPLY_NOT_FOUND", 0],
      ["replayed", 1],
    ]);
  });

  test("lets a message answer one of its own conversation only", async () => {
    const { ana, bob } = await pair();
    const { ana: eve, bob: dan } = await pair();
    const [question, elsewhere] = [sent(ana, bob, "question"), sent(eve, dan, "elsewhere")];
    await store(question, elsewhere);
    expect(
      await store(
        sent(bob, ana, "answer", { replyTo: question.id }),
        sent(ana, bob, "to myself", { replyTo: question.id }),
        sent(bob, ana, "leak", { replyTo: elsewhere.id }),
        sent(bob, ana, "nothing there", { replyTo: randomUUID() }),
      ),
    ).toEqual([
      ["stored", 2],
      ["stored", 3],
      ["REPLY_NOT_FOUND", 0],
      ["REPLY_NOT_FOUND", 0],
    ]);
  });

  test("learns the sender from the message itself", async () => {
    const { bob } = await pair();
    const late = { id: randomUUID(), username: "late" };
    expect(await store(sent(late, bob, "hello"))).toEqual([["stored", 1]]);
    expect(await database.query("SELECT username FROM people WHERE id = $1", [late.id])).toEqual([
      { username: "late" },
    ]);
  });

  test("moves the sender's read position, and time goes strictly forward", async () => {
    const { ana, bob, conversationId } = await pair();
    await store(
      ...Array.from({ length: 50 }, (_, index) => sent(index % 2 ? ana : bob, index % 2 ? bob : ana, "x")),
    );
    expect(await positions(conversationId)).toEqual({ [ana.id]: 50, [bob.id]: 49 });
    await store(sent(ana, bob, "in a row"), sent(ana, bob, "last"));
    expect(await positions(conversationId)).toEqual({ [ana.id]: 52, [bob.id]: 49 });
    await store(sent(bob, ana, "and bob"));
    expect(await positions(conversationId)).toEqual({ [ana.id]: 52, [bob.id]: 53 });
    const backwards = await database.query(
      `SELECT FROM (SELECT created_at, lag(created_at) OVER (ORDER BY seq) AS before
       FROM messages WHERE conversation_id = $1) times WHERE created_at <= before`,
      [conversationId],
    );
    expect(backwards).toEqual([]);
  });
});

describe("the fence", () => {
  test("random batches with repetitions, from concurrent workers: dense, and every id once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.tuple(fc.nat(2), fc.boolean(), fc.nat(40)), { minLength: 1, maxLength: 30 }), {
          minLength: 4,
          maxLength: 24,
        }),
        async (batches) => {
          const pairs = await Promise.all([pair(), pair(), pair()]);
          const ids = Array.from({ length: 41 }, () => randomUUID());
          const toEvent = ([which, isAna, id]: [number, boolean, number]) => {
            const { ana, bob } = pairs[which]!;
            return isAna
              ? sent(ana, bob, `${id}`, { id: ids[id]! })
              : sent(bob, ana, `${id}`, { id: ids[id]! });
          };
          const queue = batches.map((batch) => batch.map(toEvent));
          const given = new Map<string, number>();
          const work = async () => {
            for (let batch = queue.shift(); batch; batch = queue.shift()) {
              const outcomes = await storeInParts(batch);
              for (const [index, { outcome, seq }] of outcomes.entries()) {
                const { conversationId, senderId, id } = batch[index]!;
                expect(["stored", "replayed"]).toContain(outcome);
                const key = `${conversationId} ${senderId} ${id}`;
                expect(given.get(key) ?? seq).toBe(seq);
                given.set(key, seq);
              }
            }
          };
          await Promise.all([work(), work(), work(), work()]);
          for (const { conversationId } of pairs) {
            const rows = await log(conversationId);
            expect(rows.map((row) => row.seq)).toEqual(rows.map((_, index) => index + 1));
            const ours = [...given.keys()].filter((key) => key.startsWith(conversationId));
            expect(rows).toHaveLength(ours.length);
            let digest = firstDigest(conversationId);
            for (const row of rows) {
              digest = extendDigest(digest, row);
              expect(row.digest.equals(digest)).toBe(true);
            }
          }
        },
      ),
      { numRuns: 12 },
    );
  });
});

describe("the plan", () => {
  // A plan made while the tables are empty scans them, and would do so for ever.
  test("starts with nothing, stores 100,000, and gets no slower", { timeout: 120_000 }, async () => {
    const fresh = await startGoChat({ services: ["messages"] });
    await using _ = fresh;
    const people = await Promise.all(
      Array.from({ length: 40 }, (_, index) => fresh.person(`person${index}`)),
    );
    const direct = people.map((person, index) => [person, people[(index + 1) % people.length]!] as const);
    const times: number[] = [];
    for (let batch = 0; batch < 200; batch++) {
      const events = Array.from({ length: 500 }, (_, index) => {
        const [from, to] = direct[(batch + index) % direct.length]!;
        return sent(from, to, `message ${index}`);
      });
      const start = performance.now();
      await storeMessages(fresh.database("messages"), events);
      times.push(performance.now() - start);
    }
    const median = (part: number[]) => part.sort((a, b) => a - b)[part.length >>> 1]!;
    expect(median(times.slice(-50))).toBeLessThan(3 * median(times.slice(0, 50)));
    const [{ count } = { count: 0 }] = await fresh
      .database("messages")
      .query<{ count: number }>("SELECT count(*) FROM messages");
    expect(count).toBe(100_000);
  });
});
