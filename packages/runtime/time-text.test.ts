import { expect, test } from "vitest";
import { timeOf, timeText } from "./time-text.ts";

const [text, later] = ["2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.679Z"];
const time = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

test("says the same whatever was asked before", () => {
  for (const _ of [1, 2]) {
    expect(timeText(time)).toBe(text);
    expect(timeOf(later)).toBe(time + 1);
    expect(timeOf(text)).toBe(time);
    expect(timeText(time + 1)).toBe(later);
  }
});

test("reads another form of a time, and prints it as ever", () => {
  expect(timeOf("2026-01-02T04:04:05.678+01:00")).toBe(time);
  expect(timeText(time)).toBe(text);
});

test("what is no time stays none, and the next one is one", () => {
  expect(timeOf("never")).toBeNaN();
  expect(timeOf("never")).toBeNaN();
  expect(timeOf(text)).toBe(time);
  expect(() => timeText(Number.NaN)).toThrow(RangeError);
  expect(timeText(time)).toBe(text);
});
