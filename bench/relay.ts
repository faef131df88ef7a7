import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type Measurement, measure } from "./load/measure.ts";
import type { LoadPlan, Seat } from "./load/plan.ts";

/** The closed loop against the bare relay. */
export async function benchRelay(pairCount: number, load: Omit<LoadPlan, "pairs">): Promise<Measurement> {
  const relay = fork(new URL("relay-server.ts", import.meta.url));
  try {
    const [port] = (await once(relay, "message", { signal: AbortSignal.timeout(10_000) })) as [number];
    const seat = (): Seat => {
      const userId = randomUUID();
      return { userId, url: `ws://127.0.0.1:${port}/${userId}`, headers: {} };
    };
    const pairs = Array.from({ length: pairCount }, () => ({ sender: seat(), recipient: seat() }));
    return await measure(relay.pid!, { ...load, pairs });
  } finally {
    relay.disconnect();
  }
}
