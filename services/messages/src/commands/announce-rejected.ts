import { UnroutableError } from "@gochat/broker/broker";
import { type MessageRejected, messageRejected } from "@gochat/contracts/events/message-events";
import type { Parts } from "../parts.ts";
import { resolvesWithin } from "../resolves-within.ts";

const confirmTimeoutMs = 2_000;

/** Tells the nodes about the messages of their sockets. Never throws: whoever is not told sends again, and is then. */
export async function announceRejected(
  { broker, logger }: Pick<Parts, "broker" | "logger">,
  rejected: readonly MessageRejected[],
): Promise<void> {
  if (rejected.length === 0) return;
  const published = broker.publish(messageRejected, rejected).catch((error: unknown) => {
    // No node is there, and no socket.
    if (!(error instanceof UnroutableError)) throw error;
  });
  if (!(await resolvesWithin(published, confirmTimeoutMs))) {
    logger.warn({ events: rejected.length }, "rejections were not confirmed");
  }
}
