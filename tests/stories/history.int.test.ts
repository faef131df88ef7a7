import { randomUUID } from "node:crypto";
import type { Person } from "@gochat/testing/people";
import { connectChat } from "@gochat/testing/sockets";
import { type GoChat, startGoChat } from "@gochat/testing/whole-gochat";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hears, read } from "../talk.ts";

const length = 130;
let gochat: GoChat;
let bob: Person;
let address: string;

/** One conversation of 130 messages; the one at position n says "n". */
beforeAll(async () => {
  gochat = await startGoChat();
  const ana = await gochat.signUp("ana");
  bob = await gochat.signUp("bob");
  await using socket = await connectChat(gochat, ana);
  let conversationId = "";
  for (let seq = 1; seq <= length; seq++) {
    const id = randomUUID();
    socket.send({ type: "message.send", id, to: bob.id, body: String(seq) });
    if (seq % 20 === 0 || seq === length) ({ conversationId } = await hears(socket, id));
  }
  address = `/api/conversations/${conversationId}`;
});
afterAll(() => gochat[Symbol.asyncDispose]());

const positions = (messages: { seq: number; body: string }[]) =>
  messages.map(({ seq, body }) => {
    expect(body).toBe(String(seq));
    return seq;
  });
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("a page of history", () => {
  test.each([
    ["", range(81, 130), true, false],
    ["?limit=3", [128, 129, 130], true, false],
    ["?limit=100", range(31, 130), true, false],
    ["?before=81", range(31, 80), true, true],
    ["?before=4", [1, 2, 3], false, true],
    ["?before=1", [], false, true],
    ["?before=5&limit=2", [3, 4], true, true],
    ["?before=9999&limit=2", [129, 130], true, false],
    ["?after=0&limit=3", [1, 2, 3], false, true],
    ["?after=127", [128, 129, 130], true, false],
    ["?after=130", [], true, false],
    ["?after=5&limit=2", [6, 7], true, true],
  ])("%s", async (query, expected, before, after) => {
    const { messages, headSeq, hasMoreBefore, hasMoreAfter } = await read(bob, `${address}/messages${query}`);
    expect(positions(messages)).toEqual(expected);
    expect([headSeq, hasMoreBefore, hasMoreAfter]).toEqual([length, before, after]);
  });

  test("around a position has it in its middle", async () => {
    const { messages, hasMoreBefore, hasMoreAfter } = await read(
      bob,
      `${address}/messages?around=60&limit=11`,
    );
    const found = positions(messages);
    expect(found).toHaveLength(11);
    expect(found).toContain(60);
    expect(Math.abs(found.indexOf(60) - 5)).toBeLessThanOrEqual(1);
    expect([hasMoreBefore, hasMoreAfter]).toEqual([true, true]);
    expect(positions((await read(bob, `${address}/messages?around=1&limit=4`)).messages)[0]).toBe(1);
    expect(positions((await read(bob, `${address}/messages?around=130&limit=4`)).messages).at(-1)).toBe(130);
  });

  test("by page, from the newest back or from the first on, is the whole log", async () => {
    let backwards: number[] = [];
    for (let before = ""; ; ) {
      const page = await read(bob, `${address}/messages?limit=40${before}`);
      backwards = [...positions(page.messages), ...backwards];
      if (!page.hasMoreBefore) break;
      before = `&before=${backwards[0]}`;
    }
    expect(backwards).toEqual(range(1, length));
    const forwards: number[] = [];
    for (let more = true; more; ) {
      const page = await read(bob, `${address}/messages?limit=40&after=${forwards.at(-1) ?? 0}`);
      forwards.push(...positions(page.messages));
      more = page.hasMoreAfter;
    }
    expect(forwards).toEqual(range(1, length));
  });
});

test("the changes after a position are dense, and end at the head", async () => {
  const { changes, headSeq } = await read(bob, `${address}/changes?after=0&limit=500`);
  expect(headSeq).toBe(length);
  expect(changes.map(({ seq }: { seq: number }) => seq)).toEqual(range(1, length));
  const history = (await read(bob, `${address}/messages?after=0&limit=100`)).messages;
  expect(changes.slice(0, 100).map(({ message }: { message: object }) => message)).toEqual(history);
  expect((await read(bob, `${address}/changes?after=100&limit=7`)).changes).toHaveLength(7);
  expect((await read(bob, `${address}/changes?after=${length}`)).changes).toEqual([]);
});

test("more than 100 unread are counted as 100", async () => {
  const { conversation } = await read(bob, address);
  expect([conversation.unreadCount, conversation.headSeq]).toEqual([100, length]);
});
