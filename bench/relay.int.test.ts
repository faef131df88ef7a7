import { expect, test } from "vitest";
import { benchRelay } from "./relay.ts";

test("a closed loop through the relay counts what arrives, and loses nothing", async () => {
  const load = { window: 2, seconds: 0.3, warmUpSeconds: 0.1, bodyLength: 20 };
  const run = await benchRelay(3, load);
  expect(run.delivered).toBeGreaterThan(10);
  expect(run).toMatchObject({ rejected: {}, lost: 0, repeated: 0 });
  expect(run.p50).toBeGreaterThan(0);
  expect(run.p99).toBeGreaterThanOrEqual(run.p50);
  expect(run.max).toBeGreaterThanOrEqual(run.p99);
});
