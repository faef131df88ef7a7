import type { Broker, Delivery } from "@gochat/broker/broker";
import {
  type MessageRead,
  type MessageStored,
  notificationRaised,
  notificationRead,
} from "@gochat/contracts/events/message-events";
import type { Database } from "@gochat/database/database";
import type { Logger } from "@gochat/runtime/logger";
import { applyBatch } from "@gochat/runtime/patience";
import {
  changesOfMessages,
  changesOfReads,
  type EntryChange,
  type EntryOutcome,
  entryKey,
} from "../entry.ts";
import * as store from "../entry-store.ts";

interface Parts {
  readonly broker: Broker;
  readonly database: Database;
  readonly logger: Logger;
  readonly clock: () => number;
}

/** Counts stored messages for who received them; a message that was counted before changes nothing. */
export function countMessages(parts: Parts, events: MessageStored[], delivery: Delivery<MessageStored>) {
  return changeEntries(parts, events, delivery, changesOfMessages);
}

/** Takes what was read out of the entries. */
export function clearRead(parts: Parts, events: MessageRead[], delivery: Delivery<MessageRead>) {
  return changeEntries(parts, events, delivery, changesOfReads);
}

async function changeEntries<Event>(
  { broker, database, logger, clock }: Parts,
  events: Event[],
  delivery: Delivery<Event>,
  changesOf: (events: readonly Event[]) => EntryChange[],
): Promise<void> {
  const outcomes: EntryOutcome[] = [];
  // After a crash between writing and acknowledging, or a connection that was lost while committing, the batch changes
  // nothing any more, but what it raised and cleared was perhaps never announced.
  let isAgain = delivery.attempt > 1;
  const apply = async (some: readonly Event[]) => {
    try {
      outcomes.push(...(await store.changeEntries(database, changesOf(some), clock())));
    } catch (error) {
      isAgain = true;
      throw error;
    }
  };
  await applyBatch({ events, delivery, logger, apply });
  const raised = outcomes.filter((outcome) => outcome.raised || (isAgain && outcome.holds));
  const cleared = outcomes.filter((outcome) => outcome.cleared || (isAgain && outcome.isRead));
  await announce(broker, latest(raised), latest(cleared));
}

/** One announcement an entry, also where a batch was halved: the last outcome is how it stands. */
function latest(outcomes: readonly EntryOutcome[]): EntryOutcome[] {
  return [...new Map(outcomes.map((outcome) => [entryKey(outcome), outcome])).values()];
}

async function announce(broker: Broker, raised: readonly EntryOutcome[], cleared: readonly EntryOutcome[]) {
  const notifications = raised.flatMap(({ userId, notification }) =>
    notification ? [{ userId, notification }] : [],
  );
  if (notifications.length > 0) await broker.publish(notificationRaised, notifications);
  const reads = cleared.map(({ userId, conversationId, readSeq }) => ({ userId, conversationId, readSeq }));
  if (reads.length > 0) await broker.publish(notificationRead, reads);
}
