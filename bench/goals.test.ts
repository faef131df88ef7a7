import { expect, test } from "vitest";
import { judgeGoals } from "./goals.ts";
import type { Figure } from "./scenario.ts";

const firstLoad = (value: number): Figure => {
  return { what: "web: first load of a conversation, gzip", value, unit: "kB" };
};
const frames = (value: number): Figure => ({ what: "web: scrolling, frames", value, unit: "a second" });

test("a goal is reached, within its limit, or missed, whichever way is better", () => {
  const verdicts = (figures: Figure[]) => judgeGoals({ figures }).map((row) => row.at(-1));
  expect(verdicts([firstLoad(120), frames(60)])).toEqual(["reached", "reached"]);
  expect(verdicts([firstLoad(121), frames(59)])).toEqual(["within", "within"]);
  expect(verdicts([firstLoad(171), frames(54)])).toEqual(["missed", "missed"]);
});

test("what was not measured is not judged, and a whole run says so", () => {
  expect(judgeGoals({})).toEqual([]);
  const rows = judgeGoals({ figures: [firstLoad(120)] }, true);
  expect(rows.filter((row) => row.at(-1) === "reached")).toHaveLength(1);
  expect(new Set(rows.map((row) => row.at(-1)))).toEqual(new Set(["reached", "not measured"]));
  expect(judgeGoals({ figures: [firstLoad(Number.NaN)] })).toEqual([]);
});
