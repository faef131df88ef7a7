import type { Broker } from "@gochat/broker/broker";
import type { Leases } from "@gochat/cache/cache";
import { userOffline, userOnline } from "@gochat/contracts/events/user-events";
import type { Database } from "@gochat/database/database";
import { type AnnouncedPresence, presenceChanges } from "../presence.ts";
import * as store from "../presence-store.ts";

interface Parts {
  readonly broker: Broker;
  readonly database: Database;
  readonly leases: Leases;
  readonly clock: () => number;
}

/** How many events go out as one. */
const chunk = 500;

/**
 * Compares what is held with what was announced of these people, at most 500, and announces the difference. The rows
 * are locked meanwhile, so two nodes never announce the same person in the wrong order; they are changed only after
 * the broker has confirmed, so a failure leaves the difference for the next comparison.
 */
export async function announcePresence(
  { broker, database, leases, clock }: Parts,
  userIds: readonly string[],
  lastSeenAt: (userId: string) => number | undefined,
): Promise<void> {
  await database.transaction(async (connection) => {
    const announced = await store.lockPresence(connection, userIds, clock());
    const held = new Set(await leases.held(userIds));
    const changes = presenceChanges(announced, held, lastSeenAt, clock());
    if (changes.length === 0) return;
    await publish(broker, changes);
    await store.savePresence(connection, changes);
  });
}

/**
 * Where the broker's queues end with the process, what was announced shortly before its end may have reached nobody:
 * at the start it is announced again.
 */
export async function announcePresenceAgain(
  { broker, database }: Pick<Parts, "broker" | "database">,
  since: number,
): Promise<void> {
  const online = await store.listAnnouncedOnline(database);
  const offline = await store.listOfflineSince(database, since);
  const people = [...online, ...offline];
  for (let from = 0; from < people.length; from += chunk)
    await publish(broker, people.slice(from, from + chunk));
}

/**
 * Announces again what changed since then, for whom the broker lost it. The rows are locked until it is published, so that
 * nobody's next change leaves ahead of it.
 */
export async function repeatChanges(
  { broker, database }: Pick<Parts, "broker" | "database">,
  since: number,
): Promise<void> {
  let after: string | undefined = store.lowestId;
  while (after !== undefined) {
    const behind: string = after;
    after = await database.transaction(async (connection) => {
      const people = await store.lockChangedSince(connection, since, behind, chunk);
      await publish(broker, people);
      return people.length < chunk ? undefined : people.at(-1)?.userId;
    });
  }
}

async function publish(broker: Broker, people: readonly AnnouncedPresence[]): Promise<void> {
  const time = (milliseconds: number) => new Date(milliseconds).toISOString();
  const online = people.filter((person) => person.online);
  const offline = people.filter((person) => !person.online);
  if (online.length > 0) {
    await broker.publish(
      userOnline,
      online.map(({ userId, changedAt }) => ({ userId, at: time(changedAt) })),
    );
  }
  if (offline.length > 0) {
    await broker.publish(
      userOffline,
      offline.map(({ userId, changedAt }) => ({ userId, lastSeenAt: time(changedAt) })),
    );
  }
}
