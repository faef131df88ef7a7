import type { Broker, Delivery } from "@gochat/broker/broker";
import {
  type MessageRead,
  type MessageStored,
  notificationRaised,
  notificationRead,
  type StandingsAnswered,
} from "@gochat/contracts/events/message-events";
import type { Notification } from "@gochat/contracts/http/notifications";
import type { Database } from "@gochat/database/database";
import type { Logger } from "@gochat/runtime/logger";
import { applyBatch, patiently } from "@gochat/runtime/patience";
import { preciseNow } from "@gochat/runtime/tracing";
import type { Trail } from "@gochat/runtime/trail";
import {
  changesOfMessages,
  changesOfReads,
  changesOfStandings,
  type EntryChange,
  type EntryOutcome,
  entryKey,
} from "../entry.ts";
import * as store from "../entry-store.ts";

export interface Parts {
  readonly broker: Broker;
  readonly database: Database;
  readonly logger: Logger;
  readonly clock: () => number;
  readonly trail: Trail;
}

/** Counts stored messages for who received them; a message that was counted before changes nothing. */
export async function countMessages(
  parts: Parts,
  events: MessageStored[],
  delivery: Delivery<MessageStored>,
): Promise<void> {
  const startedAt = preciseNow();
  const outcomes = await changeEntries(parts, events, delivery, changesOfMessages);
  const followed = follow(parts.trail, events, startedAt);
  await announce(parts.broker, outcomes, ({ conversationId, seq }) =>
    followed.get(`${conversationId} ${seq}`),
  );
}

/** Takes what was read out of the entries. */
export async function clearRead(parts: Parts, events: MessageRead[], delivery: Delivery<MessageRead>) {
  await announce(parts.broker, await changeEntries(parts, events, delivery, changesOfReads), () => undefined);
}

/** Puts entries right by how conversations stand. Almost always they are right, and nothing is written. */
export async function compareStandings(
  parts: Parts,
  events: StandingsAnswered[],
  delivery: Delivery<StandingsAnswered>,
): Promise<void> {
  const changes = (some: readonly StandingsAnswered[]) =>
    changesOfStandings(some.flatMap(({ standings }) => standings));
  const behind = await patiently(() => store.findBehind(parts.database, changes(events)), {
    signal: delivery.signal,
    logger: parts.logger,
  });
  if (behind.size === 0 && delivery.attempt === 1) return;
  const changesOf = (some: readonly StandingsAnswered[]) =>
    changes(some).filter((change) => delivery.attempt > 1 || behind.has(entryKey(change)));
  await announce(parts.broker, await changeEntries(parts, events, delivery, changesOf), () => undefined);
}

interface Changed {
  readonly raised: readonly EntryOutcome[];
  readonly cleared: readonly EntryOutcome[];
}

async function changeEntries<Event>(
  { database, logger, clock }: Parts,
  events: Event[],
  delivery: Delivery<Event>,
  changesOf: (events: readonly Event[]) => EntryChange[],
): Promise<Changed> {
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
  return { raised: latest(raised), cleared: latest(cleared) };
}

/** One announcement an entry, also where a batch was halved: the last outcome is how it stands. */
function latest(outcomes: readonly EntryOutcome[]): EntryOutcome[] {
  return [...new Map(outcomes.map((outcome) => [entryKey(outcome), outcome])).values()];
}

/** Which message a notification speaks of, where that message is followed. */
interface Cause {
  readonly messageId: string;
  readonly trace?: string;
}

function follow(trail: Trail, events: readonly MessageStored[], startedAt: number): Map<string, Cause> {
  const followed = new Map<string, Cause>();
  for (const { conversationId, seq, message, trace } of events) {
    if (!trail.follows(trace)) continue;
    const step = { name: "message counted", kind: "consumer", startedAt } as const;
    const next = trail.step(message.id, trace, step);
    followed.set(`${conversationId} ${seq}`, { messageId: message.id, ...(next && { trace: next }) });
  }
  return followed;
}

async function announce(
  broker: Broker,
  { raised, cleared }: Changed,
  causeOf: (notification: Notification) => Cause | undefined,
): Promise<void> {
  const notifications = raised.flatMap(({ userId, notification }) =>
    notification ? [{ userId, notification, ...causeOf(notification) }] : [],
  );
  if (notifications.length > 0) await broker.publish(notificationRaised, notifications);
  const reads = cleared.map(({ userId, conversationId, readSeq }) => ({ userId, conversationId, readSeq }));
  if (reads.length > 0) await broker.publish(notificationRead, reads);
}
