import { lifetimes } from "@gochat/contracts/limits";
import { announceRevoked } from "../announcements.ts";
import type { Parts } from "../parts.ts";
import { idleSince } from "../session.ts";
import { deleteEndedSessions, endIdleSessions } from "../session-endings-store.ts";
import { deleteOldAttempts } from "../sign-in-attempts-store.ts";
import { throttle } from "../sign-in-throttle.ts";

const batchSize = 500;
/** Bounds one sweep to a hundred thousand rows; the next one goes on. */
const maxBatches = 200;
/** Far longer than any token of an ended session lives. */
const keptEndedMs = lifetimes.accessToken * 1000 + 24 * 60 * 60 * 1000;

/** Ends the sessions that nobody used for 30 days, and forgets what is of no use any more. */
export async function sweepSessions({
  database,
  outbox,
  sessions,
  clock,
}: Pick<Parts, "database" | "outbox" | "sessions" | "clock">): Promise<void> {
  const now = clock();
  await inBatches(async () => {
    const revoked = await database.transaction(async (connection) => {
      const ended = await endIdleSessions(connection, idleSince(now), batchSize, new Date(now));
      return announceRevoked(connection, outbox, ended);
    });
    for (const event of revoked) sessions.end(event);
    return revoked.length;
  });
  await inBatches(() => deleteEndedSessions(database, new Date(now - keptEndedMs), batchSize));
  await inBatches(() => deleteOldAttempts(database, new Date(now - throttle.windowMs), batchSize));
}

async function inBatches(doBatch: () => Promise<number>): Promise<void> {
  for (let batch = 0; batch < maxBatches; batch++) {
    if ((await doBatch()) < batchSize) return;
  }
}
