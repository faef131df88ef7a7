import { limits } from "@gochat/contracts/limits";
import { describe, expect, test } from "vitest";
import { fill, load, names } from "../test/windows.ts";
import { maxUnacknowledgedPerNode } from "./node-load.ts";
import { SendWindow } from "./send-window.ts";
import { TokenBuckets } from "./token-buckets.ts";

describe("the window of a socket", () => {
  test("takes 32 messages, then refuses as BUSY until one is answered", () => {
    const node = load();
    const window = new SendWindow(node);
    expect(fill(window)).toEqual(Array(limits.maxUnacknowledged).fill(undefined));
    expect(window.admit("next", "ab", "ana", 0)).toMatchObject({ code: "BUSY", retryAfterMs: 500 });
    window.settle("m3");
    expect(window.admit("next", "ab", "ana", 10)).toBeUndefined();
    expect(node.unacknowledged).toBe(limits.maxUnacknowledged);
    window.close();
    expect(node.unacknowledged).toBe(0);
  });

  test("gives a resend no second place", () => {
    const node = load();
    const window = new SendWindow(node);
    fill(window);
    expect(window.admit("m3", "ab", "ana", 0)).toBeUndefined();
    window.settle("m3");
    window.settle("m3");
    expect(node.unacknowledged).toBe(limits.maxUnacknowledged - 1);
  });

  test("lets nothing overtake a refused message, however late it was sent, until that comes again", () => {
    const window = new SendWindow(load());
    fill(window);
    expect(window.admit("refused", "ab", "ana", 0)?.code).toBe("BUSY");
    for (const id of names(limits.maxUnacknowledged)) window.settle(id);
    expect(window.admit("behind", "ab", "ana", 100)).toMatchObject({ code: "BUSY", retryAfterMs: 400 });
    expect(window.admit("far behind", "ab", "ana", 20_000)).toMatchObject({ code: "BUSY", retryAfterMs: 1 });
    expect(window.admit("refused", "ab", "ana", 20_000)).toBeUndefined();
    expect(window.admit("behind", "ab", "ana", 20_000)).toBeUndefined();
  });

  test("takes it that a message was withdrawn when the one behind it comes again without it", () => {
    const window = new SendWindow(load());
    fill(window);
    window.admit("withdrawn", "ab", "ana", 0);
    window.settle("m0");
    expect(window.admit("behind", "ab", "ana", 100)?.code).toBe("BUSY");
    expect(window.admit("behind", "ab", "ana", 600)).toBeUndefined();
  });

  test("waits for no refused message longer than 30 s", () => {
    const window = new SendWindow(load());
    fill(window);
    window.admit("refused", "ab", "ana", 0);
    window.settle("m0");
    expect(window.admit("new", "ab", "ana", 30_499)?.code).toBe("BUSY");
    expect(window.admit("newer", "ab", "ana", 30_500)).toBeUndefined();
  });

  test("lets nothing overtake a refused message because an admitted one comes again", () => {
    const window = new SendWindow(load());
    fill(window);
    expect(window.admit("second", "ab", "ana", 0)?.code).toBe("BUSY");
    window.settle("m0");
    expect(window.admit("m1", "ab", "ana", 10)).toBeUndefined();
    expect(window.admit("third", "ab", "ana", 20)?.code).toBe("BUSY");
    expect(window.admit("second", "ab", "ana", 30)).toBeUndefined();
    window.settle("m1");
    expect(window.admit("third", "ab", "ana", 40)).toBeUndefined();
  });

  test("keeps the place of a refused message when a resend of an admitted one is refused", () => {
    const node = load({ buckets: new TokenBuckets() });
    const window = new SendWindow(node);
    for (const id of names(limits.burst)) {
      window.admit(id, "ab", "ana", 0);
      if (id !== "m0") window.settle(id);
    }
    expect(window.admit("m0", "ab", "ana", 0)?.code).toBe("RATE_LIMITED");
    expect(window.admit("second", "ab", "ana", 0)?.code).toBe("RATE_LIMITED");
    expect(window.admit("m0", "ab", "ana", 10)?.code).toBe("RATE_LIMITED");
    expect(window.admit("second", "ab", "ana", 100)).toBeUndefined();
  });

  test("counts for 12 s what nobody answered, and forgets it after 30 s", () => {
    const node = load();
    const window = new SendWindow(node);
    fill(window);
    window.forgetOld(11_999);
    expect(node.unacknowledged).toBe(limits.maxUnacknowledged);
    window.forgetOld(12_000);
    expect(node.unacknowledged).toBe(0);
    window.forgetOld(29_999);
    window.admit("next", "ab", "ana", 29_999);
    expect(window.placeOf("next", "ab", 29_999)).toEqual({ place: 33, after: 32 });
    window.settle("next");
    window.forgetOld(30_000);
    window.admit("later", "ab", "ana", 30_000);
    expect(window.placeOf("later", "ab", 30_000)).toEqual({ place: 34 });
  });

  test("counts nothing whose answer may be lost, keeps its place, and takes it when it comes again", () => {
    const node = load();
    const window = new SendWindow(node);
    fill(window);
    window.expectNoAnswers();
    expect(node.unacknowledged).toBe(0);
    window.admit("next", "ab", "ana", 10);
    expect(window.placeOf("next", "ab", 10)).toEqual({ place: 33, after: 32 });
    expect(window.admit("m31", "ab", "ana", 20)).toBeUndefined();
    expect(window.placeOf("m31", "ab", 20)).toEqual({ place: 32, after: 31 });
    expect(node.unacknowledged).toBe(2);
  });

  test("counts no attempt that was lost, once another one of the same message was refused", () => {
    const node = load();
    const window = new SendWindow(node);
    fill(window);
    for (const id of names(limits.maxUnacknowledged)) window.admit(id, "ab", "ana", 10_000);
    for (const id of names(limits.maxUnacknowledged)) window.postpone(id, 10_100, 1_000);
    expect(node.unacknowledged).toBe(0);
    expect(window.admit("m0", "ab", "ana", 11_100)).toBeUndefined();
  });

  test("takes what comes after the time to wait, from a client that heard of the refusal and drops the message", () => {
    const window = new SendWindow(load({ buckets: new TokenBuckets() }));
    for (const id of names(limits.burst)) {
      window.admit(id, "ab", "ana", 0);
      window.settle(id);
    }
    expect(window.admit("dropped", "ab", "ana", 0)?.code).toBe("RATE_LIMITED");
    expect(window.admit("dropped too", "ab", "ana", 10)?.code).toBe("RATE_LIMITED");
    expect(window.admit("unaware", "ab", "ana", 1_000)?.code).toBe("RATE_LIMITED");
    window.heard(window.lastRefusal);
    expect(window.admit("too soon", "ab", "ana", 999)).toMatchObject({ retryAfterMs: 1 });
    expect(window.admit("next", "ab", "ana", 1_000)).toBeUndefined();
    expect(window.placeOf("next", "ab", 1_000)).toEqual({ place: limits.burst + 4 });
  });

  test("says how long to wait where the rate is limited", () => {
    const window = new SendWindow(load({ buckets: new TokenBuckets() }));
    for (const id of names(limits.burst)) {
      expect(window.admit(id, "ab", "ana", 0)).toBeUndefined();
      window.settle(id);
    }
    expect(window.admit("next", "ab", "ana", 0)).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 1_000 });
    expect(window.admit("next", "ab", "ana", 1_000)).toBeUndefined();
  });

  test("is bounded by the node: its unacknowledged messages and its queue", () => {
    const node = load({ unacknowledged: maxUnacknowledgedPerNode });
    expect(new SendWindow(node).admit("a", "ab", "ana", 0)?.code).toBe("BUSY");
    expect(new SendWindow(load({ isFull: () => true })).admit("a", "ab", "ana", 0)?.code).toBe("BUSY");
  });
});
