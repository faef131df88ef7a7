import type { Broker } from "@gochat/broker/broker";
import { notificationRead } from "@gochat/contracts/events/message-events";
import type { Database } from "@gochat/database/database";
import type { Logger } from "@gochat/runtime/logger";
import * as store from "../entry-store.ts";

interface Parts {
  readonly broker: Broker;
  readonly database: Database;
  readonly logger: Logger;
  readonly clock: () => number;
}

const maxEventsAtOnce = 500;

/**
 * Marks entries as read, which leaves the conversation's own read position where it is, and tells the person's other
 * devices. Where that fails the entries are read all the same: a device sees it when it asks the next time.
 */
export async function markEntriesRead(
  { broker, database, logger, clock }: Parts,
  userId: string,
  ids: readonly string[] | "all",
): Promise<void> {
  const entries = await store.markRead(database, userId, ids, clock());
  const events = entries.map(({ conversationId, seq }) => ({ userId, conversationId, readSeq: seq }));
  try {
    for (let from = 0; from < events.length; from += maxEventsAtOnce) {
      await broker.publish(notificationRead, events.slice(from, from + maxEventsAtOnce));
    }
  } catch (error) {
    logger.warn({ err: error }, "other devices were not told of read notifications");
  }
}
