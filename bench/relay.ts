import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { named } from "./gochat-loads.ts";
import { type LoadOptions, runLoads } from "./load/loads.ts";
import type { Seat } from "./load/plan.ts";
import type { Findings } from "./scenario.ts";

/** The loads against the bare relay: what this machine can carry when nothing is stored. */
export async function benchRelay(options: LoadOptions): Promise<Findings> {
  const relay = fork(new URL("relay-server.ts", import.meta.url));
  try {
    const [port] = (await once(relay, "message", { signal: AbortSignal.timeout(10_000) })) as [number];
    const seats = Array.from({ length: 2 * options.pairs }, (): Seat => {
      const userId = randomUUID();
      return { userId, url: `ws://127.0.0.1:${port}/${userId}`, headers: {} };
    });
    const subject = { roots: [relay.pid!], parts: { relay: relay.pid! } };
    return { loads: named("relay", await runLoads({ ...subject, protocol: "gochat", seats }, options)) };
  } finally {
    relay.disconnect();
  }
}
