import { expect, test } from "vitest";
import { benchRelay } from "./relay.ts";

test("loads through the relay count what arrives, and lose nothing", { timeout: 60_000 }, async () => {
  const { loads = {} } = await benchRelay({ pairs: 3, window: 2, seconds: 0.3, warmUpSeconds: 0.1 });
  expect(Object.keys(loads)).toEqual(["relay, busy", "relay, 500/s"]);
  for (const run of Object.values(loads)) {
    expect(run.delivered).toBeGreaterThan(0);
    expect(run).toMatchObject({ rejected: {}, lost: 0, repeated: 0 });
    expect(run.p50).toBeGreaterThan(0);
    expect([run.p50, run.p99, run.p999, run.max].toSorted((a, b) => a - b)).toEqual([
      run.p50,
      run.p99,
      run.p999,
      run.max,
    ]);
  }
  expect(loads["relay, 500/s"]!.arrived).toBeGreaterThan(10);
});
