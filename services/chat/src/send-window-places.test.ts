import { limits } from "@gochat/contracts/limits";
import { describe, expect, test } from "vitest";
import { fill, load, names } from "../test/windows.ts";
import { SendWindow } from "./send-window.ts";
import { TokenBuckets } from "./token-buckets.ts";

describe("the places of messages in the window of a socket", () => {
  test("notes what is sent by a client that knows of some refusals and not of all", () => {
    const window = new SendWindow(load({ buckets: new TokenBuckets() }));
    for (const id of names(limits.burst)) {
      window.admit(id, "ab", "ana", 0);
      window.settle(id);
    }
    window.admit("first", "ab", "ana", 0);
    const heard = window.lastRefusal;
    window.admit("second", "ab", "ana", 0);
    window.heard(heard);
    expect(window.admit("third", "ab", "ana", 10)?.code).toBe("RATE_LIMITED");
    window.heard(window.lastRefusal);
    expect(window.admit("third", "ab", "ana", 1_100)).toBeUndefined();
    expect(window.placeOf("third", "ab", 1_100)).toEqual({ place: limits.burst + 3 });
  });

  test("keeps no order for half a minute where more is refused than a client that keeps to its 32 could have sent", () => {
    let isFull = true;
    const window = new SendWindow(load({ isFull: () => isFull }));
    window.admit("first", "ab", "ana", 0);
    for (const id of names(2 * limits.maxUnacknowledged + 1)) window.admit(id, "ab", "ana", 10);
    expect(window.placeOf("m0", "ab", 10)).not.toEqual({});
    isFull = false;
    // Nothing was heard of any refusal.
    expect(window.admit("new", "ab", "ana", 349)?.code).toBe("BUSY");
    expect(window.admit("newer", "ab", "ana", 350)).toBeUndefined();
    expect(window.placeOf("newer", "ab", 600)).not.toHaveProperty("after");
    window.postpone("newer", 700, 1_000);
    window.admit("next", "ab", "ana", 800);
    expect(window.placeOf("next", "ab", 800)).not.toHaveProperty("after");
    window.settle("next");
    window.admit("refused", "ab", "ana", 30_010);
    window.postpone("refused", 30_020, 1_000);
    window.admit("last", "ab", "ana", 30_030);
    expect(window.placeOf("last", "ab", 30_030)).toHaveProperty("after");
  });

  test("takes what comes again though what was refused first never does, whoever keeps no order", () => {
    let isFull = false;
    const window = new SendWindow(load({ isFull: () => isFull }));
    window.admit("postponed", "ab", "ana", 0);
    window.postpone("postponed", 0, 1_000);
    isFull = true;
    for (const id of names(2 * limits.maxUnacknowledged + 2)) window.admit(id, "ab", "ana", 10);
    isFull = false;
    expect(window.admit("postponed", "ab", "ana", 1_000)?.code).toBe("BUSY");
    expect(window.admit("postponed", "ab", "ana", 1_001)).toBeUndefined();
  });

  test("keeps the order of a client that has all of its 32 refused, again and again", () => {
    let isFull = true;
    const window = new SendWindow(load({ isFull: () => isFull }));
    const ids = names(limits.maxUnacknowledged);
    for (let now = 0; now < 20_000; now += 1_000) for (const id of ids) window.admit(id, "ab", "ana", now);
    isFull = false;
    expect(window.admit("new", "ab", "ana", 20_000)?.code).toBe("BUSY");
    for (const [index, id] of ids.entries()) {
      expect(window.admit(id, "ab", "ana", 20_001)).toBeUndefined();
      expect(window.placeOf(id, "ab", 20_001)).toEqual(
        index === 0 ? { place: 1 } : { place: index + 1, after: index },
      );
    }
  });

  test("gives a repeated message no place behind what it was sent ahead of, though it was refused meanwhile", () => {
    let isFull = false;
    const window = new SendWindow(load({ isFull: () => isFull }));
    window.admit("answered", "ab", "ana", 0);
    window.settle("answered");
    isFull = true;
    window.admit("answered", "ab", "ana", 10);
    window.admit("behind", "ab", "ana", 10);
    isFull = false;
    for (const id of names(limits.maxUnacknowledged + 1)) window.settle(id);
    window.heard(window.lastRefusal);
    window.admit("answered", "ab", "ana", 1_000);
    window.admit("behind", "ab", "ana", 1_000);
    expect(window.placeOf("answered", "ab", 1_000)).toEqual({});
    expect(window.placeOf("behind", "ab", 1_000)).toEqual({ place: 3 });
  });

  test("forgets nothing that was sent again, nor what stands ahead of it", () => {
    const node = load();
    const window = new SendWindow(node);
    fill(window);
    window.admit("m3", "ab", "ana", 20_000);
    window.forgetOld(30_000);
    expect(node.unacknowledged).toBe(1);
    expect(window.placeOf("m3", "ab", 20_000)).toEqual({ place: 4, after: 3 });
    window.admit("m3", "ab", "ana", 30_000);
    expect(window.placeOf("m3", "ab", 30_000)).toEqual({ place: 4 });
  });

  test("says which unanswered message of the conversation is ahead, whatever became of its attempts", () => {
    const node = load();
    const window = new SendWindow(node);
    window.admit("first", "ab", "ana", 0);
    window.admit("elsewhere", "ac", "ana", 0);
    window.admit("second", "ab", "ana", 0);
    expect(window.placeOf("first", "ab", 0)).toEqual({ place: 1 });
    expect(window.placeOf("elsewhere", "ac", 0)).toEqual({ place: 2 });
    expect(window.placeOf("second", "ab", 0)).toEqual({ place: 3, after: 1 });
    window.postpone("first", 10, 1_000);
    window.postpone("second", 10, 1_000);
    expect(node.unacknowledged).toBe(1);
    expect(window.admit("second", "ab", "ana", 1_000)).toBeUndefined();
    expect(window.placeOf("second", "ab", 1_000)).toEqual({ place: 3, after: 1 });
    expect(window.admit("first", "ab", "ana", 1_000)).toBeUndefined();
    expect(window.placeOf("first", "ab", 1_000)).toEqual({ place: 1 });
    window.settle("first");
    expect(window.placeOf("second", "ab", 1_000)).toEqual({ place: 3 });
  });

  test("gives up the place of a refused message when the one behind it comes for 5 s without it", () => {
    const window = new SendWindow(load());
    window.admit("withdrawn", "ab", "ana", 0);
    window.postpone("withdrawn", 100, 1_000);
    window.admit("behind", "ab", "ana", 5_099);
    expect(window.placeOf("behind", "ab", 5_099)).toEqual({ place: 2, after: 1 });
    window.admit("behind", "ab", "ana", 5_100);
    expect(window.placeOf("behind", "ab", 5_100)).toEqual({ place: 2 });
  });

  test("waits for nothing that messages refused, where the client knew and sends something else", () => {
    const window = new SendWindow(load());
    window.admit("dropped", "ab", "ana", 0);
    window.postpone("dropped", 100, 1_000);
    window.admit("unaware", "ab", "ana", 1_100);
    expect(window.placeOf("unaware", "ab", 1_100)).toEqual({ place: 2, after: 1 });
    window.heard(window.lastRefusal);
    window.admit("next", "ab", "ana", 1_100);
    expect(window.placeOf("next", "ab", 1_100)).toEqual({ place: 3, after: 2 });
    window.settle("unaware");
    expect(window.placeOf("next", "ab", 1_100)).toEqual({ place: 3 });
  });

  test("drops nothing because a message comes again whose answer the client has not read yet", () => {
    const window = new SendWindow(load());
    for (const id of ["answered", "refused", "behind"]) window.admit(id, "ab", "ana", 0);
    window.settle("answered");
    window.postpone("refused", 100, 1_000);
    window.heard(window.lastRefusal);
    window.admit("answered", "ab", "ana", 2_000);
    expect(window.placeOf("answered", "ab", 2_000)).toEqual({});
    window.admit("refused", "ab", "ana", 2_000);
    window.admit("behind", "ab", "ana", 2_000);
    expect(window.placeOf("refused", "ab", 2_000)).toEqual({ place: 2 });
    expect(window.placeOf("behind", "ab", 2_000)).toEqual({ place: 3, after: 2 });
  });

  test("names no repeated message as the one ahead, however long ago that was answered", () => {
    const window = new SendWindow(load());
    window.admit("answered", "ab", "ana", 0);
    window.settle("answered");
    window.admit("answered", "ab", "ana", 10);
    for (const id of names(limits.maxUnacknowledged + 1)) {
      window.admit(id, "ac", "ana", 20);
      window.settle(id);
    }
    window.admit("next", "ab", "ana", 30);
    expect(window.placeOf("next", "ab", 30)).not.toHaveProperty("after");
  });

  test("remembers a bounded number of refused messages, whoever refused them", () => {
    const window = new SendWindow(load());
    for (const id of names(2_000)) {
      window.admit(id, "ab", "ana", 0);
      window.postpone(id, 0, 1_000);
    }
    window.admit("next", "ab", "ana", 0);
    let places = 0;
    for (const id of names(2_000)) if (window.placeOf(id, "ab", 0).place !== undefined) places += 1;
    expect(places).toBeLessThan(300);
    expect(window.placeOf("m1999", "ab", 0)).toHaveProperty("after");
  });
});
