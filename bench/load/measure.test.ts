import { expect, test } from "vitest";
import { type Measurement, medianOf } from "./measure.ts";

const run = (perSecond: number, p99: number, more: Partial<Measurement> = {}): Measurement => ({
  delivered: 3 * perSecond,
  perSecond,
  p50: 1,
  p99,
  p999: 2 * p99,
  max: 3 * p99,
  rejected: {},
  arrived: 4 * perSecond,
  lost: 0,
  repeated: 0,
  cpu: { gochat: perSecond / 1_000 },
  ...more,
});

test("of several runs the one in the middle counts, figure by figure, and everything that went wrong", () => {
  const fast = run(300, 90, { rejected: { BUSY: 2 }, lost: 1 });
  const slow = run(100, 10, { rejected: { BUSY: 1, RATE_LIMITED: 4 }, repeated: 5 });
  expect(medianOf([fast, slow, run(200, 20)])).toEqual({
    ...run(200, 20),
    rejected: { BUSY: 3, RATE_LIMITED: 4 },
    arrived: 2_400,
    lost: 1,
    repeated: 5,
  });
});
