import { expect, it } from "vitest";
import { startsWith } from "./starts-with.ts";

const [a, b, c] = [{ name: "a" }, { name: "b" }, { name: "c" }];

it.each([
  [[a, b, c], [a, b], true],
  [[a, b], [a, b], true],
  [[a], [], true],
  [[a], [a, b], false],
  [[a, b, c], [b], false],
  [[{ ...a }, b], [a], false],
])("finds the very same elements at the beginning (%#)", (list, start, expected) => {
  expect(startsWith(list, start)).toBe(expected);
});
