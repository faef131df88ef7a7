import { limits } from "@gochat/contracts/limits";
import { describe, expect, test } from "vitest";
import { maxUnacknowledgedPerNode, type NodeLoad, SendWindow } from "./send-window.ts";
import { TokenBuckets } from "./token-buckets.ts";

const load = (more: Partial<NodeLoad> = {}): NodeLoad => ({
  unacknowledged: 0,
  isFull: () => false,
  buckets: undefined,
  random: () => 0.5,
  ...more,
});
const names = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `m${from + index}`);
const full = (window: SendWindow) =>
  names(limits.maxUnacknowledged).map((id) => window.admit(id, "ab", "ana", 0)?.code);

describe("the window of a socket", () => {
  test("takes 32 messages, then refuses as BUSY until one is answered", () => {
    const node = load();
    const window = new SendWindow(node);
    expect(full(window)).toEqual(Array(limits.maxUnacknowledged).fill(undefined));
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
    full(window);
    expect(window.admit("m3", "ab", "ana", 0)).toBeUndefined();
    window.settle("m3");
    window.settle("m3");
    expect(node.unacknowledged).toBe(limits.maxUnacknowledged - 1);
  });

  test("lets nothing overtake a refused message, however late it was sent, until that comes again", () => {
    const window = new SendWindow(load());
    full(window);
    expect(window.admit("refused", "ab", "ana", 0)?.code).toBe("BUSY");
    for (const id of names(limits.maxUnacknowledged)) window.settle(id);
    expect(window.admit("behind", "ab", "ana", 100)).toMatchObject({ code: "BUSY", retryAfterMs: 400 });
    expect(window.admit("far behind", "ab", "ana", 20_000)).toMatchObject({ code: "BUSY", retryAfterMs: 1 });
    expect(window.admit("refused", "ab", "ana", 20_000)).toBeUndefined();
    expect(window.admit("behind", "ab", "ana", 20_000)).toBeUndefined();
  });

  test("takes it that a message was withdrawn when the one behind it comes again without it", () => {
    const window = new SendWindow(load());
    full(window);
    window.admit("withdrawn", "ab", "ana", 0);
    window.settle("m0");
    expect(window.admit("behind", "ab", "ana", 100)?.code).toBe("BUSY");
    expect(window.admit("behind", "ab", "ana", 600)).toBeUndefined();
  });

  test("waits for no refused message longer than 30 s", () => {
    const window = new SendWindow(load());
    full(window);
    window.admit("refused", "ab", "ana", 0);
    window.settle("m0");
    expect(window.admit("new", "ab", "ana", 30_499)?.code).toBe("BUSY");
    expect(window.admit("newer", "ab", "ana", 30_500)).toBeUndefined();
  });

  test("lets nothing overtake a refused message because an admitted one comes again", () => {
    const window = new SendWindow(load());
    full(window);
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
    full(window);
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
    full(window);
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
    full(window);
    for (const id of names(limits.maxUnacknowledged)) window.admit(id, "ab", "ana", 10_000);
    for (const id of names(limits.maxUnacknowledged)) window.postpone(id, 10_100, 1_000);
    expect(node.unacknowledged).toBe(0);
    expect(window.admit("m0", "ab", "ana", 11_100)).toBeUndefined();
  });

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
    full(window);
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
