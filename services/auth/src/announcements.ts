import {
  type SessionRevoked,
  sessionRevoked,
  userLoggedIn,
  userRegistered,
  userSignedOut,
} from "@gochat/contracts/events/user-events";
import type { Queryable } from "@gochat/database/database";
import type { Outbox } from "@gochat/database/outbox";
import { currentTraceparent } from "@gochat/runtime/request-context";
import type { EndedRow } from "./session-endings-store.ts";

/** How long an answer waits for its events to go out, so that the rest usually knows before the client does. */
export const announceWithinMs = 500;

export function announceRegistered(
  connection: Queryable,
  outbox: Outbox,
  account: { readonly id: string; readonly username: string },
  at: Date,
): Promise<void> {
  const { id: userId, username } = account;
  return outbox.append(connection, userRegistered, [{ userId, username, at: at.toISOString() }], {
    trace: currentTraceparent(),
  });
}

export function announceLoggedIn(
  connection: Queryable,
  outbox: Outbox,
  session: { readonly userId: string; readonly sessionId: string },
  at: Date,
): Promise<void> {
  const { userId, sessionId } = session;
  return outbox.append(connection, userLoggedIn, [{ userId, sessionId, at: at.toISOString() }], {
    trace: currentTraceparent(),
  });
}

export async function announceSignedOut(
  connection: Queryable,
  outbox: Outbox,
  rows: readonly EndedRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const events = rows.map(({ userId, sessionId, endedAt }) => ({
    userId,
    sessionId,
    at: endedAt.toISOString(),
  }));
  await outbox.append(connection, userSignedOut, events, { trace: currentTraceparent() });
}

/** Announces ended sessions and returns what was announced, for `Sessions.end` once the transaction is committed. */
export async function announceRevoked(
  connection: Queryable,
  outbox: Outbox,
  rows: readonly EndedRow[],
): Promise<SessionRevoked[]> {
  const events = rows.map(toSessionRevoked);
  if (events.length > 0) {
    await outbox.append(connection, sessionRevoked, events, { trace: currentTraceparent() });
  }
  return events;
}

export function toSessionRevoked({ userId, sessionId, endedAt, accessUntil }: EndedRow): SessionRevoked {
  return { userId, sessionId, at: endedAt.toISOString(), tokensEndAt: accessUntil.toISOString() };
}
