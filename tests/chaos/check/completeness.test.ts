import { expect, test } from "vitest";
import { begin, end, judge, type Line, talk, talked, violated } from "./fixtures.ts";

test("an empty history shows nothing to be right", () => {
  expect(violated()).toEqual([1, 7, 15]);
});

test.each<[string, (line: Line) => boolean, number[]]>([
  ["run", ({ kind }) => kind === "run", [1, 2]],
  ["end", ({ kind }) => kind === "end", [7]],
  ["last look at a list", (line) => line.kind === "summary" && line.person === "ben", [12]],
  ["last look at notifications", (line) => line.kind === "notices" && line.person === "ana", [12]],
  ["history", (line) => line.kind === "history" && line.person === "ana", [1]],
  ["look at the queues", ({ kind }) => kind === "queues", [15]],
])("a history without its %s does not pass", (_what, isLeftOut, expected) => {
  const whole = [...begin, ...talk, ...end(talked)];
  expect(violated(whole)).toEqual([]);
  const verdict = judge(whole.filter((line) => !isLeftOut(line)));
  expect(verdict.violations.map(({ invariant }) => invariant)).toEqual(expect.arrayContaining(expected));
});
