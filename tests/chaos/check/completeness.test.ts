import { expect, test } from "vitest";
import { begin, end, judge, type Line, pause, talk, talked, violated } from "./fixtures.ts";
import { incomplete } from "./invariant.ts";
import { describeVerdict } from "./report.ts";

const whole = [...begin, ...talk, ...pause(talked), ...end(talked)];

test("an empty history shows nothing to be right", () => {
  expect(violated()).toEqual([incomplete]);
  expect(describeVerdict(judge())).toMatch(/^\*\*Incomplete\*\*/);
});

test("a whole history does", () => {
  expect(violated(whole)).toEqual([]);
  expect(describeVerdict(judge(whole))).not.toContain("ncomplete");
});

test.each<[string, (line: Line) => boolean]>([
  ["run", ({ kind }) => kind === "run"],
  ["messages", ({ kind }) => kind === "sent"],
  ["end", ({ kind }) => kind === "end"],
  ["quiet", ({ kind }) => kind === "quiet"],
  ["waiting for the rest", ({ kind }) => kind === "settled"],
  ["look at a list", (line) => line.kind === "summary" && line.person === "ben"],
  ["look at notifications", (line) => line.kind === "notices" && line.person === "ana"],
  ["history", (line) => line.kind === "history" && line.person === "ana"],
  ["look at the queues", ({ kind }) => kind === "queues"],
])("a history without its %s does not pass", (_what, isLeftOut) => {
  expect(violated(whole.filter((line) => !isLeftOut(line)))).toContain(incomplete);
});

test("each quiet time must be looked at, not only the last one", () => {
  for (const kind of ["settled", "summary", "notices", "queues"]) {
    const isSame = (line: Line) => line.kind === kind;
    expect(violated(whole.toSpliced(whole.findIndex(isSame), 1))).toEqual([incomplete]);
    expect(violated(whole.toSpliced(whole.findLastIndex(isSame), 1))).toEqual([incomplete]);
  }
});
