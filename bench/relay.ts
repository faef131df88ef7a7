import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type LoadOptions, named, runBusyLoad, runLoads, type Subject } from "./load/loads.ts";
import type { Measurement } from "./load/measure.ts";
import type { Seat } from "./load/plan.ts";
import type { Findings } from "./scenario.ts";

/** The loads against the bare relay: what this machine can carry when nothing is stored. */
export async function benchRelay(options: LoadOptions): Promise<Findings> {
  return { loads: named("relay", await withRelay(options, (relay) => runLoads(relay, options))) };
}

/** The busy load against it. The speed of a shared machine changes within minutes: to compare with what runs next. */
export function measureRelay(options: LoadOptions): Promise<Measurement> {
  return withRelay(options, (relay) => runBusyLoad(relay, options));
}

async function withRelay<Result>(
  options: LoadOptions,
  work: (relay: Subject) => Promise<Result>,
): Promise<Result> {
  const relay = fork(new URL("relay-server.ts", import.meta.url));
  try {
    const [port] = (await once(relay, "message", { signal: AbortSignal.timeout(10_000) })) as [number];
    const seats = Array.from({ length: 2 * options.pairs }, (): Seat => {
      const userId = randomUUID();
      return { userId, url: `ws://127.0.0.1:${port}/${userId}`, headers: {} };
    });
    return await work({ roots: [relay.pid!], parts: { relay: relay.pid! }, protocol: "gochat", seats });
  } finally {
    relay.disconnect();
  }
}
