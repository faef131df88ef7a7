import { limits } from "@gochat/contracts/limits";
import { expect, test } from "vitest";
import { TokenBuckets } from "./token-buckets.ts";

test("a burst, then so many a second, for each person", () => {
  const buckets = new TokenBuckets();
  const taken = (now: number, tries: number, userId = "ana") =>
    Array.from({ length: tries }, () => buckets.take(userId, now)).filter((wait) => wait === 0).length;
  expect(taken(1_000, 100)).toBe(limits.burst);
  expect(buckets.take("ana", 1_000)).toBe(50);
  expect(taken(1_049, 10)).toBe(0);
  expect(taken(1_500, 100)).toBe(limits.messagesPerSecond / 2);
  expect(taken(1_500, 100, "bob")).toBe(limits.burst);
  buckets.forgetFull(1_600);
  expect(taken(1_600, 100)).toBe(2);
  expect(taken(60_000, 100)).toBe(limits.burst);
  // A clock that goes backwards gives and takes nothing.
  expect(taken(1_000, 10)).toBe(0);
});
