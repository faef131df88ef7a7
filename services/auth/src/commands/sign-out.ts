import type { Queryable } from "@gochat/database/database";
import type { Identity } from "@gochat/runtime/sessions";
import { announceRevoked, announceSignedOut, announceWithinMs } from "../announcements.ts";
import type { Parts } from "../parts.ts";
import { hashOfToken, sessionIdOf } from "../refresh-token.ts";
import { knowsSession } from "../session.ts";
import { endSession } from "../session-endings-store.ts";
import { lockSession } from "../sessions-store.ts";

interface SignOut {
  readonly identity: Identity | null;
  /** The refresh cookie: it still tells whose session it is when the access token is over. */
  readonly refreshToken: string | undefined;
}

interface Owned {
  readonly userId: string;
  readonly sessionId: string;
}

/** Ends this session, at once here and within 2 s everywhere. Somebody who is not signed in is signed out already. */
export async function signOut(
  { identity, refreshToken }: SignOut,
  { database, outbox, sessions, clock }: Pick<Parts, "database" | "outbox" | "sessions" | "clock">,
): Promise<void> {
  const revoked = await database.transaction(async (connection) => {
    const owned = identity ?? (await ownerOf(connection, refreshToken));
    if (!owned) return [];
    const ended = await endSession(connection, owned.userId, owned.sessionId, new Date(clock()));
    await announceSignedOut(connection, outbox, ended);
    return announceRevoked(connection, outbox, ended);
  });
  for (const event of revoked) sessions.end(event);
  if (revoked.length > 0) await outbox.flush(announceWithinMs);
}

async function ownerOf(connection: Queryable, token: string | undefined): Promise<Owned | undefined> {
  const sessionId = sessionIdOf(token);
  if (!token || !sessionId) return undefined;
  const session = await lockSession(connection, sessionId);
  if (!session || !knowsSession(session, hashOfToken(token))) return undefined;
  return { userId: session.userId, sessionId };
}
