import { expect, it } from "vitest";
import type { Row } from "./rows.ts";
import { oneEnd } from "./use-one-end.ts";

const rows = (keys: string) => [...keys].map((key) => ({ key })) as unknown as readonly Row[];
const draw = (keys: string, before: string) => {
  const { drawn, isPrepending } = oneEnd(rows(keys), { first: before[0], last: before.at(-1) });
  return [drawn.map(({ key }) => key).join(""), isPrepending];
};

it.each([
  ["abc", "", "abc", false],
  ["abcd", "abc", "abcd", false],
  ["zabc", "abc", "zabc", true],
  ["yzabcde", "abc", "yzabc", true],
  ["", "abc", "", false],
  ["xyz", "abc", "xyz", true],
])("draws of %s after %s: %s", (keys, before, drawn, isPrepending) => {
  expect(draw(keys, before)).toEqual([drawn, isPrepending]);
});

it("leaves the very same rows where nothing has to wait", () => {
  const all = rows("zabc");
  expect(oneEnd(all, { first: "a", last: "c" }).drawn).toBe(all);
});
