import { limits } from "@gochat/contracts/limits";
import { describe, expect, test } from "vitest";
import { fill, load, names } from "../test/windows.ts";
import { SendWindow } from "./send-window.ts";

/** Full, and of a client that sent so many new ones at once that it keeps no order. It could send again at 500. */
function disorderly(): SendWindow {
  const window = new SendWindow(load());
  fill(window);
  for (const id of names(3 * limits.maxUnacknowledged, 100)) window.admit(id, "ab", "ana", 0);
  return window;
}

describe("what a client that keeps no order is told", () => {
  test("is what admit would answer to something new", () => {
    expect(disorderly().refusalOfDisorder(200)).toEqual(disorderly().admit("new", "ab", "ana", 200));
    expect(disorderly().refusalOfDisorder(200)).toMatchObject({ code: "BUSY", retryAfterMs: 300 });
  });

  test("is left to admit where the client keeps its order", () => {
    const window = new SendWindow(load());
    expect(window.refusalOfDisorder(0)).toBeUndefined();
    fill(window);
    window.admit("refused", "ab", "ana", 0);
    expect(window.refusalOfDisorder(0)).toBeUndefined();
  });

  test("is left to admit once it could send again, and while it is taken", () => {
    const window = disorderly();
    expect(window.refusalOfDisorder(499)).toBeDefined();
    expect(window.refusalOfDisorder(500)).toBeUndefined();
    for (const id of names(limits.maxUnacknowledged)) window.settle(id);
    expect(window.admit("new", "ab", "ana", 500)).toBeUndefined();
    expect(window.refusalOfDisorder(500)).toBeUndefined();
  });

  test("is left to admit when the disorder is over", () => {
    expect(disorderly().refusalOfDisorder(30_001)).toBeUndefined();
  });

  test("is left to admit where the clock was set back", () => {
    expect(disorderly().refusalOfDisorder(0)).toMatchObject({ retryAfterMs: 500 });
    expect(disorderly().refusalOfDisorder(-1)).toBeUndefined();
  });

  test("changes nothing of what is under way, and of who is taken next", () => {
    const [asked, left] = [disorderly(), disorderly()];
    for (let now = 0; now < 500; now++) asked.refusalOfDisorder(now);
    for (const window of [asked, left]) {
      expect(window.settle("m1")).toBe(0);
      expect(window.admit("new", "ab", "ana", 500)).toBeUndefined();
    }
    expect(asked.placeOf("new", "ab", 500)).toEqual(left.placeOf("new", "ab", 500));
    expect(asked.lastRefusal).toBe(left.lastRefusal);
  });
});
