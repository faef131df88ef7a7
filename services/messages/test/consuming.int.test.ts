import { randomUUID } from "node:crypto";
import { PublishTimeoutError } from "@gochat/broker/broker";
import { directConversationId } from "@gochat/contracts/conversation-id";
import { extendDigest, firstDigest, toBase64 } from "@gochat/contracts/digest";
import type { Database } from "@gochat/database/database";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Backlog } from "../src/backlog.ts";
import { announceUnannounced } from "../src/commands/announce-again.ts";
import { storeAndAnnounce } from "../src/commands/store-messages.ts";
import { storeMessages } from "../src/message-store.ts";
import { listen, never, origin, partsOf, publishSent, sent } from "./fixtures.ts";

let gochat: GoChat;
beforeAll(async () => {
  gochat = await startGoChat({ services: ["messages"] });
});
afterAll(() => gochat[Symbol.asyncDispose]());

async function pair() {
  const [ana, bob] = [await gochat.person("ana"), await gochat.person("bob")];
  return { ana, bob, conversationId: directConversationId(ana.id, bob.id) };
}

const receipt = { signal: never, deadLetter: async () => {} };

async function watermark(conversationId: string) {
  const [row] = await gochat
    .database("messages")
    .query<{ announced_seq: number; last_seq: number }>(
      "SELECT announced_seq, last_seq FROM conversations WHERE id = $1",
      [conversationId],
    );
  return row;
}

describe("a message that comes in", () => {
  test("is announced to both, and the watermark follows", async () => {
    const { ana, bob, conversationId } = await pair();
    await using heard = await listen(gochat);
    const event = sent(ana, bob, "hello");
    await publishSent(gochat, [event]);
    await gochat.settle();
    expect(heard.stored).toEqual([
      {
        conversationId,
        seq: 1,
        memberIds: [ana.id, bob.id],
        senderUsername: ana.username,
        message: {
          conversationId,
          seq: 1,
          id: event.id,
          senderId: ana.id,
          body: "hello",
          createdAt: expect.any(String),
          digest: toBase64(extendDigest(firstDigest(conversationId), { ...event, seq: 1 })),
        },
      },
    ]);
    expect(await watermark(conversationId)).toEqual({ announced_seq: 1, last_seq: 1 });
  });

  test("twice is announced twice, and stored once", async () => {
    const { ana, bob, conversationId } = await pair();
    await using heard = await listen(gochat);
    const event = sent(ana, bob, "hello");
    await publishSent(gochat, [event]);
    await publishSent(gochat, [event]);
    await gochat.settle();
    expect(heard.stored).toHaveLength(2);
    expect(heard.stored[0]).toEqual(heard.stored[1]);
    expect(await watermark(conversationId)).toEqual({ announced_seq: 1, last_seq: 1 });
  });

  test("that was written before a crash, and is delivered again, keeps its position and is announced", async () => {
    const { ana, bob, conversationId } = await pair();
    await using heard = await listen(gochat);
    const events = [sent(ana, bob, "one"), sent(bob, ana, "two"), sent(ana, bob, "three")];
    // The process that died had stored the first two, and announced nothing.
    await storeMessages(gochat.database("messages"), events.slice(0, 2));
    await publishSent(gochat, events);
    await gochat.settle();
    expect(heard.stored.map(({ seq, message }) => [seq, message.body])).toEqual([
      [1, "one"],
      [2, "two"],
      [3, "three"],
    ]);
    expect(await watermark(conversationId)).toEqual({ announced_seq: 3, last_seq: 3 });
  });

  test("that is poisoned is rejected and kept aside; its neighbours are stored", async () => {
    const { ana, bob } = await pair();
    await using heard = await listen(gochat);
    const poisoned = sent(ana, bob, "nul \0 nul");
    await publishSent(gochat, [sent(ana, bob, "before"), poisoned, sent(ana, bob, "after")]);
    await gochat.settle();
    expect(heard.stored.map(({ seq, message }) => [seq, message.body])).toEqual([
      [1, "before"],
      [2, "after"],
    ]);
    expect(heard.rejected).toEqual([
      { ...origin, id: poisoned.id, code: "INVALID_INPUT", detail: expect.any(String) },
    ]);
    const [letter] = gochat.broker.deadLetters("messages").slice(-1);
    expect(letter?.events).toEqual([poisoned]);
  });

  test("and is refused is told, with the node and the socket that sent it; that no node may be there", async () => {
    const { ana, bob } = await pair();
    const conversationId = randomUUID();
    const [unheard, unknown] = ["a", "b"].map((text) => sent(ana, bob, text, { conversationId }));
    await publishSent(gochat, [unheard!]);
    await gochat.settle();
    await using heard = await listen(gochat);
    const elsewhere = sent(ana, bob, "c", { conversationId, node: "another", socket: "8" });
    await publishSent(gochat, [unknown!, elsewhere]);
    await gochat.settle();
    const refusal = { code: "NOT_FOUND", detail: "There is no such conversation." };
    expect(heard.rejected).toEqual([
      { ...origin, id: unknown!.id, ...refusal },
      { node: "another", socket: "8", id: elsewhere.id, ...refusal },
    ]);
  });

  test("may answer another one of the same batch, if that one is stored", async () => {
    const { ana, bob } = await pair();
    await using heard = await listen(gochat);
    const first = sent(ana, bob, "first");
    const refused = sent(ana, bob, "refused", { replyTo: randomUUID() });
    const toFirst = sent(ana, bob, "to first", { replyTo: first.id });
    const toRefused = sent(ana, bob, "to refused", { replyTo: refused.id });
    await publishSent(gochat, [first, refused, toFirst, toRefused]);
    await gochat.settle();
    expect(heard.stored.map(({ message }) => message.id)).toEqual([first.id, toFirst.id]);
    expect(heard.rejected.map(({ id, code }) => [id, code])).toEqual([
      [refused.id, "NOT_FOUND"],
      [toRefused.id, "NOT_FOUND"],
    ]);
  });
});

describe("when things fail", () => {
  test("a database that is away is waited for, in place", async () => {
    const { ana, bob } = await pair();
    await using heard = await listen(gochat);
    const real = partsOf(gochat).database;
    let failures = 3;
    const database: Database = {
      ...real,
      query: (sql, values) => {
        if (failures-- > 0)
          return Promise.reject(Object.assign(new Error("gone"), { code: "57P01", severity: "FATAL" }));
        return real.query(sql, values);
      },
    };
    await storeAndAnnounce(partsOf(gochat, { database }), [sent(ana, bob, "patience")], receipt);
    await gochat.settle();
    expect(heard.stored.map(({ message }) => message.body)).toEqual(["patience"]);
  });

  test("a database that stays away is waited for until the subscription closes, and nothing is rejected", async () => {
    const { ana, bob } = await pair();
    await using heard = await listen(gochat);
    const stop = new AbortController();
    const database: Database = {
      ...partsOf(gochat).database,
      query: () => {
        stop.abort();
        return Promise.reject(Object.assign(new Error("gone"), { code: "57P01", severity: "FATAL" }));
      },
    };
    const storing = storeAndAnnounce(partsOf(gochat, { database }), [sent(ana, bob, "hello")], {
      ...receipt,
      signal: stop.signal,
    });
    await expect(storing).rejects.toThrow();
    await gochat.settle();
    expect(heard).toMatchObject({ stored: [], rejected: [] });
  });

  test("a fault behind the commit rejects nothing that is stored", async () => {
    const { ana, bob, conversationId } = await pair();
    await using heard = await listen(gochat);
    const real = partsOf(gochat).database;
    const deadLetters: unknown[] = [];
    const database: Database = {
      ...real,
      async query(sql, values) {
        const rows = await real.query<never>(sql, values);
        return rows.map((row: object) => ({ ...row, created_ms: "never" })) as never;
      },
    };
    const storing = storeAndAnnounce(partsOf(gochat, { database }), [sent(ana, bob, "hello")], {
      ...receipt,
      deadLetter: async (event) => void deadLetters.push(event),
    });
    await expect(storing).rejects.toThrow(RangeError);
    await gochat.settle();
    expect(await watermark(conversationId)).toMatchObject({ last_seq: 1 });
    expect([heard.rejected, deadLetters]).toEqual([[], []]);
  });

  test("what was stored and not announced is announced by the sweeper, in order", async () => {
    const { ana, bob, conversationId } = await pair();
    const backlog = new Backlog();
    const publish = () => Promise.reject(new PublishTimeoutError("message.stored"));
    const cut = partsOf(gochat, { backlog, broker: { publish, durable: false } });
    await storeAndAnnounce(cut, [sent(ana, bob, "one"), sent(bob, ana, "two")], receipt);
    expect(await watermark(conversationId)).toEqual({ announced_seq: 0, last_seq: 2 });
    // A later message does not move the watermark over the hole.
    await storeAndAnnounce(partsOf(gochat), [sent(ana, bob, "three")], receipt);
    expect(await watermark(conversationId)).toEqual({ announced_seq: 0, last_seq: 3 });

    await using heard = await listen(gochat);
    await expect(announceUnannounced(cut, { everywhere: false })).rejects.toThrow(PublishTimeoutError);
    await announceUnannounced(partsOf(gochat, { backlog }), { everywhere: false });
    await gochat.settle();
    expect(heard.stored.map(({ seq, message }) => [seq, message.body])).toEqual([
      [1, "one"],
      [2, "two"],
      [3, "three"],
    ]);
    expect(heard.stored[0]?.senderUsername).toBe(ana.username);
    expect(await watermark(conversationId)).toEqual({ announced_seq: 3, last_seq: 3 });
  });

  test("what a killed process left unannounced is found without it; what is young is left alone", async () => {
    const { ana, bob, conversationId } = await pair();
    const database = gochat.database("messages");
    await storeMessages(database, [sent(ana, bob, "one"), sent(ana, bob, "two")]);
    await using heard = await listen(gochat);
    await announceUnannounced(partsOf(gochat), { everywhere: true });
    expect(await watermark(conversationId)).toEqual({ announced_seq: 0, last_seq: 2 });
    await database.query(
      "UPDATE messages SET created_at = created_at - interval '1 minute' WHERE conversation_id = $1",
      [conversationId],
    );
    await announceUnannounced(partsOf(gochat), { everywhere: true });
    await gochat.settle();
    expect(heard.stored.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(await watermark(conversationId)).toEqual({ announced_seq: 2, last_seq: 2 });
  });

  test("two sweepers do not do the same", async () => {
    const { ana, bob } = await pair();
    const parts = partsOf(gochat);
    const { conversationId } = sent(ana, bob, "x");
    await storeMessages(parts.database, [sent(ana, bob, "one")]);
    await using heard = await listen(gochat);
    const [one, two] = [new Backlog(), new Backlog()];
    one.add([conversationId]);
    two.add([conversationId]);
    await Promise.all(
      [one, two].map((backlog) => announceUnannounced({ ...parts, backlog }, { everywhere: false })),
    );
    for (const backlog of [one, two]) await announceUnannounced({ ...parts, backlog }, { everywhere: false });
    await gochat.settle();
    expect(heard.stored).toHaveLength(1);
  });
});
