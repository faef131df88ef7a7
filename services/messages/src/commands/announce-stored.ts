import { type MessageStored, messageStored } from "@gochat/contracts/events/message-events";
import { preciseNow } from "@gochat/runtime/tracing";
import { highestRuns } from "../batch.ts";
import { markAnnounced } from "../message-store.ts";
import type { Parts } from "../parts.ts";
import { resolvesWithin } from "../resolves-within.ts";

/** A broker that does not confirm in this time keeps no input waiting: the sweeper announces again. */
const confirmTimeoutMs = 2_000;

/** Announces what is on disk, new and replayed alike, then moves the watermarks. Never throws. */
export async function announceStored(
  {
    database,
    broker,
    logger,
    backlog,
    trail,
  }: Pick<Parts, "database" | "broker" | "logger" | "backlog" | "trail">,
  stored: readonly MessageStored[],
): Promise<void> {
  if (stored.length === 0) return;
  const startedAt = preciseNow();
  if (!(await resolvesWithin(broker.publish(messageStored, stored), confirmTimeoutMs))) {
    logger.warn({ events: stored.length }, "an announcement was not confirmed; the sweeper repeats it");
    backlog.add(stored.map((event) => event.conversationId));
    return;
  }
  for (const { message, trace } of stored) {
    if (!trail.follows(trace)) continue;
    const fields = { batch: stored.length };
    trail.step(message.id, trace, { name: "message announced", kind: "producer", startedAt, fields });
  }
  try {
    await markAnnounced(database, highestRuns(stored));
  } catch (error) {
    // The messages are stored and announced; at worst they are announced again.
    logger.warn({ err: error }, "the watermarks did not move");
  }
}
