import { expect, test } from "vitest";
import { describeFaults, describeRuns, type Result } from "./result.ts";

const first: Result = {
  run: "`--faults all`",
  seed: 7,
  minutes: 2.25,
  sent: 2_100,
  acknowledged: 2_000,
  lost: 0,
  doubled: 0,
  reordered: 0,
  holes: 0,
  other: 0,
  isIncomplete: false,
  faults: { kill: { survived: 2, slowestMs: 1_240 }, network: { survived: 1 } },
};
const second: Result = {
  ...first,
  seed: 8,
  lost: 1,
  isIncomplete: true,
  faults: { kill: { survived: 3, slowestMs: 2_060 } },
};

test("runs are summed", () => {
  expect(describeRuns([first, second]).split("\n").slice(2)).toEqual([
    "| `--faults all` | 7 | 2.3 | 3 | 2,100 | 2,000 | 0 | 0 | 0 | 0 | 0 |",
    "| `--faults all` (incomplete) | 8 | 2.3 | 3 | 2,100 | 2,000 | 1 | 0 | 0 | 0 | 0 |",
    "| **all** |  | 4.5 | 6 | 4,200 | 4,000 | 1 | 0 | 0 | 0 | 0 |",
  ]);
});

test("faults are summed by kind, with the slowest recovery of all", () => {
  expect(describeFaults([first, second]).split("\n").slice(2)).toEqual([
    "| `kill` | 5 | 2.1 s |",
    "| `network` | 1 | – |",
  ]);
});
