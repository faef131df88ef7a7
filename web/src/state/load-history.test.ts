import { describe, expect, it } from "vitest";
import { alignedLimit, stretchOf } from "./load-history.ts";

describe("pages of history", () => {
  it("end at multiples of 50 after the first one", () => {
    const starts: number[] = [];
    for (let first = 4974; first > 1; ) {
      first -= alignedLimit(first);
      starts.push(first);
    }
    expect(starts.slice(0, 3)).toEqual([4951, 4901, 4851]);
    expect(starts.at(-1)).toBe(1);
  });

  it("cover the beginning of the log when nothing is before them", () => {
    expect(stretchOf({ messages: [], hasMoreBefore: false }, 0)).toEqual({ from: 1, to: 0, messages: [] });
  });

  it("cover nothing when they are empty although there is more", () => {
    expect(stretchOf({ messages: [], hasMoreBefore: true }, 9).from).toBe(10);
  });
});
