import { UnroutableError } from "@gochat/broker/broker";
import { type MessageRejected, messageRejected } from "@gochat/contracts/events/message-events";
import type { Parts } from "../parts.ts";
import { resolvesWithin } from "../resolves-within.ts";

const confirmTimeoutMs = 2_000;

/** Tells each node about the messages of its sockets. Never throws: whoever is not told sends again, and is then. */
export async function announceRejected(
  { broker, logger }: Pick<Parts, "broker" | "logger">,
  rejected: readonly MessageRejected[],
): Promise<void> {
  const byNode = Map.groupBy(rejected, (rejection) => rejection.node);
  await Promise.all(
    Array.from(byNode, async ([node, rejections]) => {
      const published = broker.publish(messageRejected, rejections, { key: node }).catch((error: unknown) => {
        // The node is gone, and its sockets with it.
        if (!(error instanceof UnroutableError)) throw error;
      });
      if (!(await resolvesWithin(published, confirmTimeoutMs))) {
        logger.warn({ node, events: rejections.length }, "rejections were not confirmed");
      }
    }),
  );
}
