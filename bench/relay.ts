import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import {
  type LoadOptions,
  type Measurements,
  type NamedSubject,
  named,
  runInTurn,
  runLoads,
  type Subject,
  warmUp,
} from "./load/loads.ts";
import type { Seat } from "./load/plan.ts";
import type { Findings } from "./scenario.ts";

/** A bare relay: what this machine can carry when nothing is stored. */
export async function benchRelay(options: LoadOptions): Promise<Findings> {
  const loads = await withRelay(options, async (relay) => {
    await warmUp(relay, options);
    return runLoads(relay, ["busy", "500/s"], options);
  });
  return { loads: named("relay", loads) };
}

/** The busy load against it and another in turn. */
export function runBesideRelay(other: NamedSubject, options: LoadOptions): Promise<Measurements> {
  return withRelay(options, (relay) =>
    runInTurn([other, { name: "relay", subject: relay }], "busy", options),
  );
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
