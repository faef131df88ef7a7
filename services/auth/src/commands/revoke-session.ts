import { GoChatError } from "@gochat/contracts/errors";
import { announceRevoked, announceWithinMs } from "../announcements.ts";
import type { Parts } from "../parts.ts";
import { endSession } from "../session-endings-store.ts";

/** Ends one session of this person, such as a lost device's. Throws NOT_FOUND, also for somebody else's. */
export async function revokeSession(
  { userId, sessionId }: { userId: string; sessionId: string },
  { database, outbox, sessions, clock }: Pick<Parts, "database" | "outbox" | "sessions" | "clock">,
): Promise<void> {
  const revoked = await database.transaction(async (connection) => {
    const ended = await endSession(connection, userId, sessionId, new Date(clock()));
    return announceRevoked(connection, outbox, ended);
  });
  if (revoked.length === 0) throw new GoChatError("NOT_FOUND");
  for (const event of revoked) sessions.end(event);
  await outbox.flush(announceWithinMs);
}
