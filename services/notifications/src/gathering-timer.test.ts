import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createGatheringTimer } from "./gathering-timer.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a thousand who leave together are settled by a few looks, none before its time", () => {
  const looks: number[] = [];
  const left: number[] = [];
  const timer = createGatheringTimer(5_000, () => looks.push(performance.now()));
  for (let person = 0; person < 1_000; person++) {
    left.push(performance.now());
    timer.soon();
    if (person % 5 === 0) vi.advanceTimersByTime(1);
  }
  vi.advanceTimersByTime(6_000);
  expect(looks).toEqual([5_101, 5_201, 5_301]);
  for (const at of left) {
    const look = looks.find((time) => time >= at + 5_000)!;
    expect(look - at).toBeLessThanOrEqual(5_101);
  }
});

test("stopped, it does nothing more", () => {
  const work = vi.fn();
  const timer = createGatheringTimer(5_000, work);
  timer.soon();
  timer.stop();
  vi.advanceTimersByTime(6_000);
  expect(work).not.toHaveBeenCalled();
});
