import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Logger } from "./logger.ts";
import { startPeriodic } from "./periodic.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function createLogger(): Logger & { warnings: string[] } {
  const warnings: string[] = [];
  const logger = {
    warnings,
    debug() {},
    info() {},
    error() {},
    warn: (_fields: object, message: string) => void warnings.push(message),
    child: () => logger,
  };
  return logger;
}

test("goes on after a failure, and waits for the work in hand when it stops", async () => {
  const logger = createLogger();
  const finish: (() => void)[] = [];
  let runs = 0;
  const work = () => {
    runs++;
    return runs === 1 ? Promise.reject(new Error("down")) : new Promise<void>((done) => finish.push(done));
  };
  const stop = startPeriodic({ name: "sweep", everyMs: 1000, jitter: 0, work, logger });

  await vi.advanceTimersByTimeAsync(1000);
  expect(logger.warnings).toEqual(["sweep failed; it is tried again"]);
  await vi.advanceTimersByTimeAsync(5000);
  expect(runs).toBe(2);

  let isStopped = false;
  const stopping = stop().then(() => {
    isStopped = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  expect(isStopped).toBe(false);
  finish[0]!();
  await stopping;
  await vi.advanceTimersByTimeAsync(5000);
  expect(runs).toBe(2);
});
