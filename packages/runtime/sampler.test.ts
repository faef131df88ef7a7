import { expect, test } from "vitest";
import { createSampler } from "./sampler.ts";

test("all traces are kept while they are few, and a fixed number each second once they are many", () => {
  let now = 1_000_000;
  const samples = createSampler(() => now);
  const keptOf = (count: number) => Array.from({ length: count }, () => samples("message")).filter(Boolean);
  expect(keptOf(10)).toHaveLength(10);
  expect(keptOf(1_000)).toHaveLength(10);
  now += 1_000;
  expect(keptOf(1_000)).toHaveLength(20);
});

test("messages leave requests their own share", () => {
  const samples = createSampler(() => 0);
  for (let count = 0; count < 100; count++) samples("message");
  expect(samples("request")).toBe(true);
});
