import type { SessionRevoked } from "@gochat/contracts/events/user-events";
import { lifetimes } from "@gochat/contracts/limits";
import type { Queryable } from "@gochat/database/database";
import { toSessionRevoked } from "../announcements.ts";
import { listEndedSessions } from "../session-endings-store.ts";

const pageSize = 500;
const lowestId = "00000000-0000-0000-0000-000000000000";

/**
 * Says again which sessions ended within the life of an access token. `session.revoked` reaches the nodes that are
 * there when it is published; one that was away, or has just started, learns here which tokens to refuse.
 */
export async function repeatEndings(
  { database, clock }: { database: Queryable; clock: () => number },
  tell: (revoked: SessionRevoked[]) => Promise<void>,
): Promise<void> {
  let since = new Date(clock() - lifetimes.accessToken * 1000);
  let afterId = lowestId;
  for (;;) {
    const rows = await listEndedSessions(database, since, afterId, pageSize);
    const last = rows.at(-1);
    if (!last) return;
    await tell(rows.map(toSessionRevoked));
    if (rows.length < pageSize) return;
    since = last.endedAt;
    afterId = last.sessionId;
  }
}
