import type { Broker } from "@gochat/broker/broker";
import { presenceListed } from "@gochat/contracts/events/user-events";
import type { Queryable } from "@gochat/database/database";
import { listChangedSince, listPresenceAfter, lowestId } from "../presence-store.ts";

interface Parts {
  readonly broker: Pick<Broker, "publish">;
  readonly database: Queryable;
}

const maxInEvent = 500;

/**
 * Says how people stand, to the directory alone, whose queue may have lost it: each time what changed since the given
 * time, and the next page of everybody, round and round. Who heard of it changes nothing.
 */
export function createPresenceRounds(
  { broker, database }: Parts,
  pageSize = maxInEvent,
): (since: number) => Promise<void> {
  let after = lowestId;
  return async (since) => {
    const changed = await listChangedSince(database, since);
    const page = await listPresenceAfter(database, after, pageSize);
    const rows = new Map([...changed, ...page].map((row) => [row.userId, row]));
    const people = Array.from(rows.values(), ({ userId, online, changedAt }) => ({
      userId,
      online,
      at: new Date(changedAt).toISOString(),
    }));
    for (let from = 0; from < people.length; from += maxInEvent)
      await broker.publish(presenceListed, people.slice(from, from + maxInEvent));
    after = page.length < pageSize ? lowestId : page.at(-1)!.userId;
  };
}
