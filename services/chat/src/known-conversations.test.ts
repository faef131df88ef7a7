import { expect, test } from "vitest";
import { KnownConversations } from "./known-conversations.ts";

const typing = (conversationId: string, userId = "ana") => ({ conversationId, userId, recipientId: "bob" });

test("knows what it learned, and forgets the one longest unheard of", () => {
  const known = new KnownConversations();
  expect(known.has("1")).toBe(false);
  known.learn("1", 0);
  known.learn("2", 0);
  for (let index = 3; index <= 50_000; index++) known.learn(String(index), 0);
  expect(known.has("1")).toBe(true);
  known.learn("one more", 0);
  expect([known.has("1"), known.has("2"), known.has("one more")]).toEqual([true, false, true]);
});

test("holds the newest sign of typing until the conversation is known, for 3 s", () => {
  const known = new KnownConversations();
  known.hold(typing("1"), 0);
  known.hold(typing("1", "bob"), 1_000);
  known.hold(typing("2"), 0);
  expect(known.learn("1", 2_999)).toEqual(typing("1", "bob"));
  expect(known.learn("1", 2_999)).toBeUndefined();
  expect(known.learn("2", 3_000)).toBeUndefined();
});

test("drops the sign of a person who has written, and of nobody else", () => {
  const known = new KnownConversations();
  known.hold(typing("1"), 0);
  known.hold(typing("2"), 0);
  known.drop("1", "ana");
  known.drop("2", "bob");
  expect(known.learn("1", 1)).toBeUndefined();
  expect(known.learn("2", 1)).toEqual(typing("2"));
});

test("holds a bounded number", () => {
  const known = new KnownConversations();
  for (let index = 0; index < 1_001; index++) known.hold(typing(String(index)), index);
  expect(known.learn("1000", 1_000)).toBeUndefined();
  known.forgetOld(3_000);
  known.hold(typing("more"), 3_000);
  expect(known.learn("more", 3_001)).toEqual(typing("more"));
});
