import { type MessageStored, messageStored } from "@gochat/contracts/events/message-events";
import { preciseNow } from "@gochat/runtime/tracing";
import type { Parts } from "../parts.ts";
import { resolvesWithin } from "../resolves-within.ts";

/** A broker that does not confirm in this time keeps no input waiting: the sweeper announces again. */
const confirmTimeoutMs = 2_000;

/** Announces what is on disk, new and replayed alike, then lets the watermarks move. Never throws. */
export async function announceStored(
  {
    broker,
    logger,
    backlog,
    watermarks,
    trail,
  }: Pick<Parts, "broker" | "logger" | "backlog" | "watermarks" | "trail">,
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
  await watermarks.announced(stored);
}
