import type { Broker } from "@gochat/broker/broker";
import { userListed } from "@gochat/contracts/events/user-events";
import type { Queryable } from "@gochat/database/database";
import { listAccountsAfter, listNewAccounts } from "../accounts-store.ts";

interface Parts {
  readonly broker: Pick<Broker, "publish">;
  readonly database: Queryable;
  readonly clock: () => number;
}

const newForMs = 10 * 60 * 1000;
const maxNew = 500;
const pageSize = 200;
const lowestId = "00000000-0000-0000-0000-000000000000";

/**
 * Says who is there, for services whose queue lost a `user.registered`: each time the new accounts, and the next page of
 * all of them, round and round. Who heard of them changes nothing.
 */
export function createRegistrationRounds({ broker, database, clock }: Parts): () => Promise<void> {
  let after = lowestId;
  return async () => {
    const newest = await listNewAccounts(database, new Date(clock() - newForMs), maxNew);
    const page = await listAccountsAfter(database, after, pageSize);
    const rows = new Map([...newest, ...page].map((row) => [row.id, row]));
    const people = Array.from(rows.values(), ({ id, username, createdAt }) => ({
      userId: id,
      username,
      at: createdAt.toISOString(),
    }));
    if (people.length > 0) await broker.publish(userListed, people);
    after = page.length < pageSize ? lowestId : page.at(-1)!.id;
  };
}
