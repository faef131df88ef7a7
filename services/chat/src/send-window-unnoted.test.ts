import { limits } from "@gochat/contracts/limits";
import { describe, expect, test } from "vitest";
import { fill, load, names } from "../test/windows.ts";
import { SendWindow } from "./send-window.ts";

/** Full, and of a client that sent so many new ones at once that it keeps no order. */
function disorderly(): SendWindow {
  const window = new SendWindow(load());
  fill(window);
  for (const id of names(3 * limits.maxUnacknowledged, 100)) window.admit(id, "ab", "ana", 0);
  return window;
}

describe("the refusal of what is not noted", () => {
  test("is what admit would answer", () => {
    expect(disorderly().refusalOfUnnoted("new", 200)).toEqual(disorderly().admit("new", "ab", "ana", 200));
    expect(disorderly().refusalOfUnnoted("new", 200)).toMatchObject({ code: "BUSY", retryAfterMs: 300 });
  });

  test("is none where the client keeps its order", () => {
    const window = new SendWindow(load());
    fill(window);
    window.admit("refused", "ab", "ana", 0);
    expect(window.keepsNoOrder).toBe(false);
    expect(window.refusalOfUnnoted("new", 0)).toBeUndefined();
  });

  test("is none of a message that has its place, was refused or was answered", () => {
    const window = disorderly();
    window.settle("m3");
    for (const id of ["m1", "m3", "m100"]) expect(window.refusalOfUnnoted(id, 200)).toBeUndefined();
  });

  test("is none once the client could send again", () => {
    const window = disorderly();
    expect(window.refusalOfUnnoted("new", 500)).toBeUndefined();
    for (const id of names(limits.maxUnacknowledged)) window.settle(id);
    expect(window.admit("new", "ab", "ana", 500)).toBeUndefined();
    expect(window.refusalOfUnnoted("next", 500)).toBeUndefined();
  });

  test("is none when the disorder is over", () => {
    const window = disorderly();
    expect(window.refusalOfUnnoted("new", 30_001)).toBeUndefined();
  });

  test("changes nothing: with it or by admit, what follows is answered alike", () => {
    const [quick, slow] = [disorderly(), disorderly()];
    let unnoted = 0;
    for (let step = 0; step < 5_000; step++) {
      const now = step * 7;
      // Every third comes again, some are answered, some are new.
      const id = step % 3 === 0 ? `m${100 + (step % 50)}` : `n${step}`;
      const answer = quick.refusalOfUnnoted(id, now);
      if (answer) unnoted += 1;
      expect(answer ?? quick.admit(id, "ab", "ana", now)).toEqual(slow.admit(id, "ab", "ana", now));
      for (const window of [quick, slow]) {
        if (step % 5 === 0) window.settle(step % 2 === 0 ? id : `m${step % limits.maxUnacknowledged}`);
        if (step % 11 === 0) window.heard(window.lastRefusal);
      }
      expect(quick.placeOf(id, "ab", now)).toEqual(slow.placeOf(id, "ab", now));
    }
    expect(unnoted).toBeGreaterThan(500);
  });
});
