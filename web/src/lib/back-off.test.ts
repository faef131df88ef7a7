import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fullJitter } from "./back-off.ts";

describe("fullJitter", () => {
  it("doubles its bound from 1 s to 30 s", () => {
    const bounds = [0, 1, 2, 3, 4, 5, 6, 1000].map((attempt) => fullJitter(attempt, () => 1));
    expect(bounds).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it("never waits for nothing and never for longer than 30 s", () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
        const delay = fullJitter(attempt, () => random);
        expect(delay).toBeGreaterThanOrEqual(100);
        expect(delay).toBeLessThanOrEqual(30_000);
      }),
    );
  });
});
