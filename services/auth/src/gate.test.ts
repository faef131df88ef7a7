import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createGate } from "./gate.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const busy = expect.objectContaining({ code: "BUSY", retryAfterMs: 5000 });

function openGate() {
  const gate = createGate({ width: 2, maxWaiting: 2, maxWaitMs: 5000 });
  const started: string[] = [];
  const finish = new Map<string, () => void>();
  const run = (name: string) =>
    gate.run(() => {
      started.push(name);
      return new Promise<string>((resolve) => finish.set(name, () => resolve(name)));
    });
  return { run, started, finish };
}

describe("a gate two wide", () => {
  test("lets two in, and the next in order when one leaves", async () => {
    const { run, started, finish } = openGate();
    const first = run("first");
    run("second");
    run("third");
    run("fourth");
    await vi.advanceTimersByTimeAsync(0);
    expect(started).toEqual(["first", "second"]);
    finish.get("first")!();
    expect(await first).toBe("first");
    await vi.advanceTimersByTimeAsync(0);
    expect(started).toEqual(["first", "second", "third"]);
  });

  test("refuses who finds the queue full, at once", async () => {
    const { run } = openGate();
    for (const name of ["first", "second", "third", "fourth"]) void run(name);
    await expect(run("fifth")).rejects.toEqual(busy);
  });

  test("refuses who waited too long, and gives the place to nobody else's harm", async () => {
    const { run, started, finish } = openGate();
    run("first");
    run("second");
    const late = expect(run("late")).rejects.toEqual(busy);
    await vi.advanceTimersByTimeAsync(5000);
    await late;
    finish.get("first")!();
    await vi.advanceTimersByTimeAsync(0);
    run("next");
    await vi.advanceTimersByTimeAsync(0);
    expect(started).toEqual(["first", "second", "next"]);
  });

  test("a failure inside gives the place back", async () => {
    const gate = createGate({ width: 1, maxWaiting: 1, maxWaitMs: 5000 });
    await expect(gate.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await gate.run(async () => "in")).toBe("in");
  });
});
