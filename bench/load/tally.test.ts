import { expect, test } from "vitest";
import { createTally, percentilesOf } from "./tally.ts";

test("a message counts by when it was to be sent, also when it arrives after the end", () => {
  const tally = createTally();
  tally.arrived(0, 5);
  tally.begin(10);
  tally.arrived(9, 12);
  tally.arrived(10, 13);
  tally.end(1_010);
  tally.arrived(1_000, 2_000);
  tally.arrived(1_011, 2_001);
  expect(tally.result(1)).toMatchObject({
    delivered: 2,
    perSecond: 2,
    arrived: 5,
    lost: 1,
    p50: 1_000,
    max: 1_000,
  });
});

test("percentiles are of the sorted values, and of nothing there are none", () => {
  const values = Array.from({ length: 1_000 }, (_, index) => 1_000 - index);
  expect(percentilesOf(values)).toEqual({ p50: 501, p99: 991, p999: 1_000, max: 1_000 });
  expect(percentilesOf([]).p99).toBeNaN();
});
