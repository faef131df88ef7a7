import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createSocket } from "./socket.ts";

/** Refuses every connection, a moment after it was asked for. */
class RefusedSocket {
  static asked = 0;
  onmessage: unknown = null;
  onclose: ((event: { code: number }) => void) | null = null;
  constructor() {
    RefusedSocket.asked++;
    setTimeout(() => this.onclose?.({ code: 1006 }), 1);
  }
  close(): void {}
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.999);
  vi.stubGlobal("WebSocket", RefusedSocket);
  vi.stubGlobal("location", { href: "http://localhost/" });
  RefusedSocket.asked = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function createRefused() {
  return createSocket({
    path: "/ws/chat",
    onReady: () => undefined,
    onFrame: () => undefined,
    onStatus: () => undefined,
    afterClose: async () => "later",
  });
}

test("waits longer from one attempt to the next, at most 30 s", async () => {
  const socket = createRefused();
  socket.start();
  await vi.advanceTimersByTimeAsync(5 * 60_000);
  const asked = RefusedSocket.asked;
  await vi.advanceTimersByTimeAsync(30_010);
  expect(RefusedSocket.asked).toBe(asked + 1);
  socket.stop();
});

test("tries at once where somebody waits for it, and backs off anew from there", async () => {
  const socket = createRefused();
  socket.start();
  await vi.advanceTimersByTimeAsync(5 * 60_000);
  const asked = RefusedSocket.asked;
  socket.retryNow();
  expect(RefusedSocket.asked).toBe(asked + 1);
  socket.retryNow();
  expect(RefusedSocket.asked).toBe(asked + 1);
  await vi.advanceTimersByTimeAsync(3_100);
  expect(RefusedSocket.asked).toBe(asked + 3);
  socket.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(RefusedSocket.asked).toBe(asked + 3);
});
