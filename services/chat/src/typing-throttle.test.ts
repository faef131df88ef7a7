import { expect, test } from "vitest";
import { TypingThrottle } from "./typing-throttle.ts";

test("one sign of typing in 3 s for each person and conversation", () => {
  const throttle = new TypingThrottle();
  expect(throttle.passes("ana", "1", 0)).toBe(true);
  expect(throttle.passes("ana", "1", 2_999)).toBe(false);
  expect(throttle.passes("ana", "2", 2_999)).toBe(true);
  expect(throttle.passes("bob", "1", 2_999)).toBe(true);
  throttle.forgetOld(2_999);
  expect(throttle.passes("ana", "1", 2_999)).toBe(false);
  expect(throttle.passes("ana", "1", 3_000)).toBe(true);
  throttle.forgetOld(10_000);
  expect(throttle.passes("ana", "1", 10_000)).toBe(true);
});

test("remembers a bounded number; what it cannot remember does not pass", () => {
  const throttle = new TypingThrottle();
  const passed = Array.from({ length: 25_000 }, (_, index) => throttle.passes("eve", String(index), 0));
  expect(passed.filter(Boolean)).toHaveLength(20_000);
  throttle.forgetOld(3_000);
  expect(throttle.passes("ana", "1", 3_000)).toBe(true);
});
