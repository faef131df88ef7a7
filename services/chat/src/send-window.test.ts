import { limits } from "@gochat/contracts/limits";
import { describe, expect, test } from "vitest";
import { maxUnacknowledgedPerNode, type NodeLoad, SendWindow } from "./send-window.ts";
import { TokenBuckets } from "./token-buckets.ts";

const load = (more: Partial<NodeLoad> = {}): NodeLoad => ({
  unacknowledged: 0,
  isFull: () => false,
  buckets: undefined,
  ...more,
});
const names = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `m${from + index}`);
const full = (window: SendWindow) =>
  names(limits.maxUnacknowledged).map((id) => window.admit(id, "ana", 0)?.code);

describe("the window of a socket", () => {
  test("takes 32 messages, then refuses as BUSY until one is answered", () => {
    const node = load();
    const window = new SendWindow(node);
    expect(full(window)).toEqual(Array(limits.maxUnacknowledged).fill(undefined));
    expect(window.admit("next", "ana", 0)).toMatchObject({ code: "BUSY", retryAfterMs: 500 });
    window.settle("m3");
    expect(window.admit("next", "ana", 10)).toBeUndefined();
    expect(node.unacknowledged).toBe(limits.maxUnacknowledged);
    window.close();
    expect(node.unacknowledged).toBe(0);
  });

  test("gives a resend no second place", () => {
    const node = load();
    const window = new SendWindow(node);
    full(window);
    expect(window.admit("m3", "ana", 0)).toBeUndefined();
    window.settle("m3");
    window.settle("m3");
    expect(node.unacknowledged).toBe(limits.maxUnacknowledged - 1);
  });

  test("lets nothing overtake a refused message, however late it was sent, until that comes again", () => {
    const window = new SendWindow(load());
    full(window);
    expect(window.admit("refused", "ana", 0)?.code).toBe("BUSY");
    for (const id of names(limits.maxUnacknowledged)) window.settle(id);
    expect(window.admit("behind", "ana", 100)).toMatchObject({ code: "BUSY", retryAfterMs: 400 });
    expect(window.admit("far behind", "ana", 20_000)).toMatchObject({ code: "BUSY", retryAfterMs: 1 });
    expect(window.admit("refused", "ana", 20_000)).toBeUndefined();
    expect(window.admit("behind", "ana", 20_000)).toBeUndefined();
  });

  test("takes it that a message was withdrawn when the one behind it comes again without it", () => {
    const window = new SendWindow(load());
    full(window);
    window.admit("withdrawn", "ana", 0);
    window.settle("m0");
    expect(window.admit("behind", "ana", 100)?.code).toBe("BUSY");
    expect(window.admit("behind", "ana", 600)).toBeUndefined();
  });

  test("waits for no refused message longer than 30 s", () => {
    const window = new SendWindow(load());
    full(window);
    window.admit("refused", "ana", 0);
    window.settle("m0");
    expect(window.admit("new", "ana", 30_499)?.code).toBe("BUSY");
    expect(window.admit("newer", "ana", 30_500)).toBeUndefined();
  });

  test("lets nothing overtake a refused message because an admitted one comes again", () => {
    const window = new SendWindow(load());
    full(window);
    expect(window.admit("second", "ana", 0)?.code).toBe("BUSY");
    window.settle("m0");
    expect(window.admit("m1", "ana", 10)).toBeUndefined();
    expect(window.admit("third", "ana", 20)?.code).toBe("BUSY");
    expect(window.admit("second", "ana", 30)).toBeUndefined();
    window.settle("m1");
    expect(window.admit("third", "ana", 40)).toBeUndefined();
  });

  test("keeps the place of a refused message when a resend of an admitted one is refused", () => {
    const node = load({ buckets: new TokenBuckets() });
    const window = new SendWindow(node);
    for (const id of names(limits.burst)) {
      window.admit(id, "ana", 0);
      if (id !== "m0") window.settle(id);
    }
    expect(window.admit("m0", "ana", 0)?.code).toBe("RATE_LIMITED");
    expect(window.admit("second", "ana", 0)?.code).toBe("RATE_LIMITED");
    expect(window.admit("m0", "ana", 10)?.code).toBe("RATE_LIMITED");
    expect(window.admit("second", "ana", 100)).toBeUndefined();
  });

  test("forgets after 30 s what nobody answered", () => {
    const node = load();
    const window = new SendWindow(node);
    full(window);
    window.admit("m3", "ana", 20_000);
    window.forgetOld(29_999);
    expect(node.unacknowledged).toBe(limits.maxUnacknowledged);
    window.forgetOld(30_000);
    expect(node.unacknowledged).toBe(0);
  });

  test("says how long to wait where the rate is limited", () => {
    const window = new SendWindow(load({ buckets: new TokenBuckets() }));
    for (const id of names(limits.burst)) {
      expect(window.admit(id, "ana", 0)).toBeUndefined();
      window.settle(id);
    }
    expect(window.admit("next", "ana", 0)).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 1_000 });
    expect(window.admit("next", "ana", 1_000)).toBeUndefined();
  });

  test("is bounded by the node: its unacknowledged messages and its queue", () => {
    const node = load({ unacknowledged: maxUnacknowledgedPerNode });
    expect(new SendWindow(node).admit("a", "ana", 0)?.code).toBe("BUSY");
    expect(new SendWindow(load({ isFull: () => true })).admit("a", "ana", 0)?.code).toBe("BUSY");
  });
});
