import { UnroutableError } from "@gochat/broker/broker";
import { type MessageRejected, messageRejected } from "@gochat/contracts/events/message-events";
import { preciseNow } from "@gochat/runtime/tracing";
import type { Parts } from "../parts.ts";
import { resolvesWithin } from "../resolves-within.ts";

const confirmTimeoutMs = 2_000;

/** Tells the nodes about the messages of their sockets. Never throws: whoever is not told sends again, and is then. */
export async function announceRejected(
  { broker, logger, trail, measures }: Pick<Parts, "broker" | "logger" | "trail" | "measures">,
  rejected: readonly MessageRejected[],
): Promise<void> {
  if (rejected.length === 0) return;
  const startedAt = preciseNow();
  const published = broker.publish(messageRejected, rejected).catch((error: unknown) => {
    // No node is there, and no socket.
    if (!(error instanceof UnroutableError)) throw error;
  });
  if (!(await resolvesWithin(published, confirmTimeoutMs))) {
    logger.warn({ events: rejected.length }, "rejections were not confirmed");
  }
  for (const { id, code, trace } of rejected) {
    measures.rejected.inc({ code });
    trail.step(id, trace, { name: "message rejected", kind: "producer", startedAt, fields: { code } });
  }
}
