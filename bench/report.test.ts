import { expect, test } from "vitest";
import type { Measurement } from "./load/measure.ts";
import { describeResults } from "./report.ts";

const run = (perSecond: number): Measurement => ({
  delivered: perSecond,
  perSecond,
  p50: 1,
  p99: 2,
  p999: 3,
  max: 4,
  rejected: { BUSY: 2, RATE_LIMITED: 1 },
  arrived: perSecond,
  lost: 5,
  repeated: 6,
  cpu: { gochat: 0.5, idle: 0 },
});

test("each load stands beside the relay's and ejabberd's, and beside what was kept of it", () => {
  const loads = {
    "relay, busy": run(1_000),
    "ejabberd, busy": run(100),
    "stack, busy": run(400),
    "relay beside embedded, busy": run(1_500),
    "embedded beside relay, busy": run(600),
    "stack beside ejabberd, busy": run(500),
    "ejabberd beside stack, busy": run(50),
    "relay, 500/s": run(500),
    "stack, 500/s": run(500),
  };
  const lines = describeResults({ loads }, [{}, { loads: { "stack, busy": run(200) } }]).split("\n");
  const row = lines.find((line) => line.startsWith("stack, busy"))!.split(/ {2,}/);
  expect(row).toEqual([
    "stack, busy",
    "400",
    "+100 %",
    "1.0",
    "2.0",
    "+0 %",
    "3.0",
    "0.40",
    "4.00",
    "3",
    "5",
    "6",
  ]);
  expect(lines).toContain("stack, busy                  gochat 1250");
  const byClock = lines.find((line) => line.startsWith("stack, 500/s"))!.split(/ {2,}/);
  expect(byClock).toEqual(["stack, 500/s", "500", "1.0", "2.0", "3.0", "3", "5", "6"]);
  // With the one that was driven in turn with it, where there is one.
  const ratiosOf = (name: string) =>
    lines
      .find((line) => line.startsWith(name))!
      .split(/ {2,}/)
      .slice(5, 7);
  expect(ratiosOf("embedded beside relay, busy")).toEqual(["0.40", "6.00"]);
  expect(ratiosOf("stack beside ejabberd, busy")).toEqual(["0.50", "10.00"]);
});

test("figures are compared with the newest kept ones of their name, and notes stand below", () => {
  const figure = (value: number) => ({ what: "start", value, unit: "s" as const });
  const kept = [{ figures: [] }, { figures: [figure(4)] }, { figures: [figure(1)] }];
  const text = describeResults({ figures: [figure(2)], notes: ["Left out."] }, kept);
  expect(text.split("\n").slice(1)).toEqual(["start  2  s  -50 %", "", "Left out."]);
});
