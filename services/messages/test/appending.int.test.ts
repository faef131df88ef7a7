import { randomUUID } from "node:crypto";
import { directConversationId } from "@gochat/contracts/conversation-id";
import type { MessageSent } from "@gochat/contracts/events/message-events";
import type { Queryable } from "@gochat/database/database";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { appendMessages, learnEnds } from "../src/append-store.ts";
import { splitAtReferences } from "../src/batch.ts";
import { messagesBefore } from "../src/history-store.ts";
import { LogEnds } from "../src/log-ends.ts";
import { type Outcome, storeMessages } from "../src/message-store.ts";
import { type Somebody, sent } from "./fixtures.ts";
import { expectWhole, readLog } from "./logs.ts";

let gochat: GoChat;
let database: Queryable;
beforeAll(async () => {
  gochat = await startGoChat({ services: ["messages"] });
  database = gochat.database("messages");
});
afterAll(() => gochat[Symbol.asyncDispose]());

interface Pair {
  readonly ana: Somebody;
  readonly bob: Somebody;
  readonly conversationId: string;
}

async function pair(): Promise<Pair> {
  const [ana, bob] = [await gochat.person("ana"), await gochat.person("bob")];
  return { ana, bob, conversationId: directConversationId(ana.id, bob.id) };
}

/** Stores as another process would, of which nobody here hears. */
async function storeElsewhere(...events: MessageSent[]): Promise<void> {
  for (const { outcome } of await storeMessages(database, events)) expect(outcome).toBe("stored");
}

/** A conversation with one message by ana, the end of whose log is known. */
async function known(): Promise<Pair & { ends: LogEnds }> {
  const ends = new LogEnds();
  const here = await pair();
  const first = [sent(here.ana, here.bob, "first")];
  learnEnds(ends, first, await storeMessages(database, first));
  return { ...here, ends };
}

const log = (conversationId: string) => readLog(database, conversationId);

const bodies = async (conversationId: string) => (await log(conversationId)).map(({ body }) => body);

async function readPositions({ conversationId, ana, bob }: Pair): Promise<Record<string, unknown>> {
  const rows = await database.query<{ user_id: string; read_seq: number }>(
    "SELECT user_id, read_seq FROM read_positions WHERE conversation_id = $1",
    [conversationId],
  );
  const of = ({ id }: Somebody) => rows.find(({ user_id }) => user_id === id)?.read_seq;
  return { ana: of(ana), bob: of(bob) };
}

describe("appending", () => {
  test("goes on where the log ends, as the log says it afterwards", async () => {
    const { ana, bob, conversationId, ends } = await known();
    const events = [sent(ana, bob, "Grüße 👋"), sent(bob, ana, "3"), sent(ana, bob, "4")];
    const outcomes = await appendMessages(database, ends, events);
    expect(outcomes?.map(({ outcome, seq }) => [outcome, seq])).toEqual([
      ["stored", 2],
      ["stored", 3],
      ["stored", 4],
    ]);
    const rows = await log(conversationId);
    expectWhole(conversationId, rows);
    expect(rows.map(({ id }) => id).slice(1)).toEqual(events.map(({ id }) => id));
    expect(outcomes?.map(({ digest }) => digest)).toEqual(
      rows.slice(1).map(({ digest }) => digest.toString("base64")),
    );
  });

  test("says the times that the history says", async () => {
    const { ana, bob, conversationId, ends } = await known();
    const times: number[] = [];
    for (let batch = 0; batch < 50; batch++) {
      const outcomes = await appendMessages(database, ends, [sent(ana, bob, "x"), sent(bob, ana, "y")]);
      times.push(...outcomes!.map(({ created_ms }) => created_ms));
    }
    const messages = await messagesBefore(database, conversationId, Number.MAX_SAFE_INTEGER, 100);
    expect(messages.map(({ created_ms }) => created_ms)).toEqual(times);
    const rows = await database.query(
      `SELECT FROM (SELECT created_at, lag(created_at) OVER (ORDER BY seq) AS before
       FROM messages WHERE conversation_id = $1) times WHERE created_at <= before`,
      [conversationId],
    );
    expect(rows).toEqual([]);
  });

  test("knows the order of the batch in each of many conversations", async () => {
    const ends = new LogEnds();
    const pairs = await Promise.all(Array.from({ length: 5 }, pair));
    for (const round of [0, 1, 2]) {
      const events = pairs.concat(pairs.toReversed()).map(({ ana, bob }) => sent(ana, bob, `${round}`));
      const outcomes = await appendMessages(database, ends, events);
      expect(outcomes === undefined).toBe(round === 0);
      if (!outcomes) learnEnds(ends, events, await storeMessages(database, events));
      else
        expect(outcomes.map(({ seq }) => seq)).toEqual(
          events.map((_, index) => round * 2 + (index < 5 ? 1 : 2)),
        );
    }
    for (const { conversationId } of pairs) expectWhole(conversationId, await log(conversationId));
  });

  test("asks for a few ends that it does not know", async () => {
    const { ana, bob, ends } = await known();
    const other = await pair();
    await storeElsewhere(sent(other.ana, other.bob, "1"));
    const outcomes = await appendMessages(database, ends, [
      sent(ana, bob, "2"),
      sent(other.bob, other.ana, "2"),
    ]);
    expect(outcomes?.map(({ seq }) => seq)).toEqual([2, 2]);
  });
});

describe("what is not appended is not stored at all", () => {
  async function expectNothing(
    { conversationId }: Pair,
    ends: LogEnds,
    events: MessageSent[],
  ): Promise<void> {
    const before = await log(conversationId);
    expect(await appendMessages(database, ends, events)).toBeUndefined();
    expect(await log(conversationId)).toEqual(before);
  }

  test("where another process has stored meanwhile", async () => {
    const { ends, ...here } = await known();
    await storeElsewhere(sent(here.bob, here.ana, "elsewhere"));
    const neighbour = await known();
    const events = [sent(neighbour.ana, neighbour.bob, "neighbour"), sent(here.ana, here.bob, "mine")];
    ends.set(neighbour.conversationId, neighbour.ends.get(neighbour.conversationId)!);
    await expectNothing(neighbour, ends, events);
    expect(await bodies(here.conversationId)).toEqual(["first", "elsewhere"]);
  });

  test("where it is stored already, new ones around it included", async () => {
    const { ends, ...here } = await known();
    const message = sent(here.bob, here.ana, "once");
    expect(await appendMessages(database, ends, [message])).toBeDefined();
    await expectNothing(here, ends, [sent(here.ana, here.bob, "new"), message]);
    expect(await bodies(here.conversationId)).toEqual(["first", "once"]);
  });

  test("where the sender is no member", async () => {
    const { ends, ...here } = await known();
    const { ana: eve } = await pair();
    const { conversationId } = here;
    await expectNothing(here, ends, [
      sent(here.ana, here.bob, "ours"),
      sent(eve, here.bob, "let me in", { conversationId }),
    ]);
  });

  test("where it answers another message, or nobody knows the conversation", async () => {
    const { ends, ...here } = await known();
    const [first] = await log(here.conversationId);
    await expectNothing(here, ends, [sent(here.bob, here.ana, "answer", { replyTo: first!.id })]);
    await expectNothing(here, ends, [
      sent(here.ana, here.bob, "ours"),
      sent(here.ana, here.bob, "where?", { conversationId: randomUUID() }),
    ]);
  });

  test("where the body can't be stored, with an error that says so", async () => {
    const { ends, ...here } = await known();
    const poisoned = [sent(here.ana, here.bob, "fine"), sent(here.bob, here.ana, "nul \0")];
    await expect(appendMessages(database, ends, poisoned)).rejects.toMatchObject({ code: "22021" });
    expect(await bodies(here.conversationId)).toEqual(["first"]);
    expect(await appendMessages(database, ends, [sent(here.ana, here.bob, "next")])).toMatchObject([
      { seq: 2 },
    ]);
  });
});

test("random batches from three processes leave what judging each message leaves", async () => {
  const batch = fc.tuple(
    fc.nat(2),
    fc.array(fc.tuple(fc.nat(1), fc.boolean(), fc.nat(30)), { minLength: 1, maxLength: 12 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(batch, { minLength: 4, maxLength: 20 }), async (batches) => {
      const [appended, judged] = [await Promise.all([pair(), pair()]), await Promise.all([pair(), pair()])];
      const processes = [new LogEnds(), new LogEnds(), new LogEnds()];
      const ids = Array.from({ length: 31 }, () => randomUUID());
      for (const [process, messages] of batches) {
        const toEvents = (pairs: readonly Pair[]) =>
          messages.map(([which, isAna, id]) => {
            const { ana, bob } = pairs[which]!;
            const [from, to] = isAna ? [ana, bob] : [bob, ana];
            return sent(from, to, `${id}`, { id: ids[id]! });
          });
        const outcomes = (
          await inParts(toEvents(appended), (part) => appendOrJudge(processes[process]!, part))
        ).map(({ outcome, seq }) => [outcome, seq]);
        const expected = await inParts(toEvents(judged), (part) => storeMessages(database, part));
        expect(outcomes).toEqual(expected.map(({ outcome, seq }) => [outcome, seq]));
      }
      for (const [index, here] of appended.entries()) {
        const there = judged[index]!;
        expectWhole(here.conversationId, await log(here.conversationId));
        expect(await bodies(here.conversationId)).toEqual(await bodies(there.conversationId));
        expect(await readPositions(here)).toEqual(await readPositions(there));
      }
    }),
    { numRuns: 25 },
  );

  async function appendOrJudge(ends: LogEnds, events: readonly MessageSent[]): Promise<Outcome[]> {
    const appended = await appendMessages(database, ends, events);
    if (appended) return appended;
    const outcomes = await storeMessages(database, events);
    learnEnds(ends, events, outcomes);
    return outcomes;
  }

  async function inParts(
    events: readonly MessageSent[],
    store: (part: readonly MessageSent[]) => Promise<Outcome[]>,
  ): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const part of splitAtReferences(events)) outcomes.push(...(await store(part)));
    return outcomes;
  }
});
