import { directConversationId } from "@gochat/contracts/conversation-id";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import type { Person } from "@gochat/testing/people";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storeMessages } from "../src/message-store.ts";
import { sent } from "./fixtures.ts";

let gochat: GoChat;
let ana: Person;
let bob: Person;
let id: string;
beforeAll(async () => {
  gochat = await startGoChat({ services: ["messages"] });
  ana = await gochat.person("ana");
  bob = await gochat.person("bob");
  id = directConversationId(ana.id, bob.id);
  await store(120);
});
afterAll(() => gochat[Symbol.asyncDispose]());

async function store(count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, index) =>
    sent(index % 3 ? ana : bob, index % 3 ? bob : ana, `${index}`),
  );
  await storeMessages(gochat.database("messages"), events);
}

async function page(query: string) {
  const { status, body } = await bob.request("GET", `/api/conversations/${id}/messages?${query}`);
  expect(status).toBe(200);
  const { messages, ...rest } = body;
  return { seqs: messages.map((message: { seq: number }) => message.seq), ...rest };
}

const from = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe("history", () => {
  test.each([
    ["", from(71, 120), true, false],
    ["limit=5", from(116, 120), true, false],
    ["before=20&limit=10", from(10, 19), true, true],
    ["before=11&limit=10", from(1, 10), false, true],
    ["before=1", [], false, true],
    ["after=110", from(111, 120), true, false],
    ["after=0&limit=2", from(1, 2), false, true],
    ["around=60&limit=10", from(55, 64), true, true],
  ])("%s", async (query, seqs, hasMoreBefore, hasMoreAfter) => {
    const expected = { seqs, headSeq: 120, hasMoreBefore, hasMoreAfter };
    expect(await page(query)).toEqual(expected);
    // The second time it may come from the cache.
    expect(await page(query)).toEqual(expected);
  });

  test.each([
    "before=3&after=1",
    "after=3&around=3",
    "before=-1",
    "limit=101",
    "limit=0",
    "before=x",
    "cursor=1",
  ])("refuses ?%s", async (query) => {
    const answer = await bob.request("GET", `/api/conversations/${id}/messages?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { code: "INVALID_INPUT" } });
  });

  test("of full old pages comes from the cache; who may read it from the database, each time", async () => {
    await page("before=50&limit=20");
    const key = `messages:page:${id}:50:20`;
    const cached = JSON.parse((await gochat.cache.get(key)) ?? "null");
    expect(cached).toHaveLength(20);
    await gochat.cache.set(key, JSON.stringify(cached.slice(0, 1)), 60);
    expect((await page("before=50&limit=20")).seqs).toEqual([30]);
    const eve = await gochat.person("eve");
    const answer = await eve.request("GET", `/api/conversations/${id}/messages?before=50&limit=20`);
    expect(answer.status).toBe(404);
    await gochat.cache.delete(key);
    await page("before=200&limit=20");
    await page("before=5&limit=20");
    expect(await gochat.cache.get(`messages:page:${id}:200:20`)).toBeNull();
    expect(await gochat.cache.get(`messages:page:${id}:5:20`)).toBeNull();
  });

  test("is read in both directions to the same log", async () => {
    const backwards: number[] = [];
    for (let before = 121; before > 1; before = backwards[0]!) {
      backwards.unshift(...(await page(`before=${before}&limit=17`)).seqs);
    }
    const forwards: number[] = [];
    for (let more = true; more; ) {
      const next = await page(`after=${forwards.at(-1) ?? 0}&limit=17`);
      forwards.push(...next.seqs);
      more = next.hasMoreAfter;
    }
    expect(backwards).toEqual(from(1, 120));
    expect(forwards).toEqual(from(1, 120));
  });
});

describe("changes", () => {
  const changes = async (query: string) => bob.request("GET", `/api/conversations/${id}/changes?${query}`);

  test("are dense and ascending, and lead to the head", async () => {
    const seqs: number[] = [];
    for (;;) {
      const { body } = await changes(`after=${seqs.at(-1) ?? 0}&limit=50`);
      expect(body.headSeq).toBe(120);
      for (const change of body.changes) {
        expect(change).toMatchObject({
          type: "message.stored",
          message: { seq: change.seq, conversationId: id },
        });
      }
      seqs.push(...body.changes.map((change: { seq: number }) => change.seq));
      if (body.changes.length < 50) break;
    }
    expect(seqs).toEqual(from(1, 120));
    expect((await changes("after=120")).body).toEqual({ changes: [], headSeq: 120 });
    expect((await changes("after=9007199254740991")).body).toEqual({ changes: [], headSeq: 120 });
  });

  test.each(["", "after=x", "after=-1", "after=0&limit=501", "after=0&before=3"])(
    "refuse ?%s",
    async (query) => {
      expect(await changes(query)).toMatchObject({ status: 400, body: { code: "INVALID_INPUT" } });
    },
  );
});
