import type { Broker, Delivery } from "@gochat/broker/broker";
import {
  type MessageRead,
  type MessageStored,
  type NotificationRaised,
  notificationRaised,
  notificationRead,
  type StandingsAnswered,
} from "@gochat/contracts/events/message-events";
import type { Database } from "@gochat/database/database";
import type { Logger } from "@gochat/runtime/logger";
import { applyBatch, patiently } from "@gochat/runtime/patience";
import { preciseNow } from "@gochat/runtime/tracing";
import type { Trail } from "@gochat/runtime/trail";
import {
  type Changed,
  type ClearedEntry,
  changesOfMessages,
  changesOfReads,
  changesOfStandings,
  type EntryChange,
  entryKey,
  type RaisedEntry,
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
  const changed = await changeEntries(parts, events, delivery, changesOfMessages);
  const followed = follow(parts.trail, events, startedAt);
  await announce(parts.broker, changed, followed);
}

/** Takes what was read out of the entries. */
export async function clearRead(parts: Parts, events: MessageRead[], delivery: Delivery<MessageRead>) {
  await announce(parts.broker, await changeEntries(parts, events, delivery, changesOfReads));
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
  await announce(parts.broker, await changeEntries(parts, events, delivery, changesOf));
}

async function changeEntries<Event>(
  { database, logger, clock }: Parts,
  events: Event[],
  delivery: Delivery<Event>,
  changesOf: (events: readonly Event[]) => EntryChange[],
): Promise<Changed> {
  const parts: Changed[] = [];
  // After a crash between writing and acknowledging, or a connection that was lost while committing, the batch changes
  // nothing any more, but what it raised and cleared was perhaps never announced.
  let isAgain = delivery.attempt > 1;
  const apply = async (some: readonly Event[]) => {
    try {
      parts.push(await store.changeEntries(database, changesOf(some), { now: clock(), isAgain }));
    } catch (error) {
      isAgain = true;
      throw error;
    }
  };
  await applyBatch({ events, delivery, logger, apply });
  const [whole] = parts;
  if (whole && parts.length === 1) return whole;
  return {
    raised: latest(parts.flatMap(({ raised }) => raised)),
    cleared: latest(parts.flatMap(({ cleared }) => cleared)),
  };
}

/** One announcement an entry where a batch was halved: the last one is how it stands. */
function latest<Entry extends RaisedEntry | ClearedEntry>(entries: readonly Entry[]): Entry[] {
  const keyed = entries.map((entry) => {
    const { conversationId } = "notification" in entry ? entry.notification : entry;
    return [entryKey({ userId: entry.userId, conversationId }), entry] as const;
  });
  return [...new Map(keyed).values()];
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
  followed?: ReadonlyMap<string, Cause>,
): Promise<void> {
  if (raised.length > 0) await broker.publish(notificationRaised, withCauses(raised, followed));
  if (cleared.length > 0) await broker.publish(notificationRead, [...cleared]);
}

function withCauses(
  raised: readonly RaisedEntry[],
  followed?: ReadonlyMap<string, Cause>,
): NotificationRaised[] {
  if (!followed?.size) return [...raised];
  return raised.map(({ userId, notification }) => ({
    userId,
    notification,
    ...followed.get(`${notification.conversationId} ${notification.seq}`),
  }));
}
