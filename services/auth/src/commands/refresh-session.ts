import { GoChatError } from "@gochat/contracts/errors";
import type { Queryable } from "@gochat/database/database";
import { accessTokenEnd } from "../access-token.ts";
import { announceRevoked, announceWithinMs } from "../announcements.ts";
import type { Parts } from "../parts.ts";
import { hashOfToken, sessionIdOf, successorOf } from "../refresh-token.ts";
import { type Device, judgeRefresh } from "../session.ts";
import { endSession } from "../session-endings-store.ts";
import type { Tokens } from "../session-opening.ts";
import { lockSession, rotateSession, touchSession } from "../sessions-store.ts";

interface Refresh {
  /** The refresh cookie as it came. */
  readonly token: string | undefined;
  readonly device: Device;
}

/** Rotates the tokens of a session. Throws SESSION_EXPIRED; a token that was used before ends the session. */
export async function refreshSession(
  { token, device }: Refresh,
  parts: Pick<Parts, "database" | "outbox" | "sessions" | "issueAccessToken" | "refreshSecret" | "clock">,
): Promise<Tokens> {
  const sessionId = sessionIdOf(token);
  if (!token || !sessionId) throw new GoChatError("SESSION_EXPIRED");
  const now = parts.clock();
  const successor = successorOf(token, parts.refreshSecret);

  const { owner, revoked } = await parts.database.transaction(async (connection) => {
    const session = await lockSession(connection, sessionId);
    if (!session) return { revoked: [] };
    const verdict = judgeRefresh(session, hashOfToken(token), now);
    if (verdict === "expired") return { revoked: [] };
    if (verdict === "reuse") return { revoked: await endStolen(connection, session.userId) };
    if (verdict === "rotate") {
      await rotateSession(connection, sessionId, hashOfToken(successor), new Date(now));
    }
    await touchSession(connection, sessionId, {
      ...device,
      now: new Date(now),
      accessUntil: accessTokenEnd(now),
    });
    return { owner: session, revoked: [] };
  });

  for (const event of revoked) parts.sessions.end(event);
  if (revoked.length > 0) await parts.outbox.flush(announceWithinMs);
  if (!owner) throw new GoChatError("SESSION_EXPIRED");
  const access = await parts.issueAccessToken({ ...owner, sessionId }, now);
  return { access, refresh: successor };

  async function endStolen(connection: Queryable, userId: string) {
    const ended = await endSession(connection, userId, sessionId!, new Date(now));
    return announceRevoked(connection, parts.outbox, ended);
  }
}
