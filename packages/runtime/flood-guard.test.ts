import { describe, expect, test } from "vitest";
import { ErrorBudget, FloodGuard } from "./flood-guard.ts";

/** Whether the guard fires at any of `perSecond` frames in each of these seconds. */
function flood(perSecond: number, seconds: readonly number[]): boolean {
  const guard = new FloodGuard();
  return seconds.some((second) =>
    Array.from({ length: perSecond }, (_, frame) => guard.isFlooding(second * 1000 + frame)).includes(true),
  );
}

describe("a flood", () => {
  test("is more than 100 frames a second for three seconds on end", () => {
    expect(flood(101, [1, 2, 3, 4])).toBe(true);
    expect(flood(101, [1, 2, 3])).toBe(false);
    expect(flood(100, [1, 2, 3, 4, 5])).toBe(false);
    expect(flood(500, [1, 3, 5, 7])).toBe(false);
  });
});

test("three bursts within little more than a second are no flood", () => {
  const guard = new FloodGuard();
  const fired = [950, 1000, 2001].some((start) =>
    Array.from({ length: 101 }, (_, frame) => guard.isFlooding(start + frame / 10)).includes(true),
  );
  expect(fired).toBe(false);
});

describe("mistakes", () => {
  test("are spent with the tenth in a minute", () => {
    const budget = new ErrorBudget();
    const spent = Array.from({ length: 10 }, (_, index) => budget.isSpent(index * 1000));
    expect(spent.indexOf(true)).toBe(9);
  });

  test("of more than a minute ago do not count", () => {
    const budget = new ErrorBudget();
    for (let index = 0; index < 9; index++) budget.isSpent(0);
    expect(budget.isSpent(60_001)).toBe(false);
  });
});
