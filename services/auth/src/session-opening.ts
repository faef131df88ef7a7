import { randomUUID } from "node:crypto";
import type { Account } from "@gochat/contracts/http/auth";
import type { Queryable } from "@gochat/database/database";
import { accessTokenEnd } from "./access-token.ts";
import type { AccountRow } from "./accounts-store.ts";
import { announceLoggedIn, announceRevoked, announceWithinMs } from "./announcements.ts";
import type { Parts } from "./parts.ts";
import { hashOfToken, newRefreshToken } from "./refresh-token.ts";
import type { Device } from "./session.ts";
import { endSurplusSessions } from "./session-endings-store.ts";
import { insertSession } from "./sessions-store.ts";

/** The two tokens that become cookies. */
export interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

export interface SignedIn {
  readonly user: Account;
  readonly tokens: Tokens;
}

/** More devices than anybody has; past it the least recently used session ends. */
const maxSessionsPerPerson = 100;

/**
 * Signs in, however the person proved who they are: `work` does its own writing in the same transaction, before the
 * session is made, and returns the account, or undefined to make no session.
 */
export async function openSession(
  parts: Pick<Parts, "database" | "outbox" | "sessions" | "issueAccessToken">,
  { device, now }: { device: Device; now: number },
  work: (connection: Queryable) => Promise<AccountRow | undefined>,
): Promise<SignedIn | undefined> {
  const { database, outbox, sessions } = parts;
  const sessionId = randomUUID();
  const refresh = newRefreshToken(sessionId);
  const at = new Date(now);
  const opened = await database.transaction(async (connection) => {
    const account = await work(connection);
    if (!account) return undefined;
    await insertSession(connection, {
      ...device,
      id: sessionId,
      userId: account.id,
      tokenHash: hashOfToken(refresh),
      createdAt: at,
      accessUntil: accessTokenEnd(now),
    });
    await announceLoggedIn(connection, outbox, { userId: account.id, sessionId }, at);
    const surplus = await endSurplusSessions(connection, account.id, sessionId, maxSessionsPerPerson, at);
    return { account, revoked: await announceRevoked(connection, outbox, surplus) };
  });
  if (!opened) return undefined;
  for (const revoked of opened.revoked) sessions.end(revoked);
  await outbox.flush(announceWithinMs);
  const { id, username, email } = opened.account;
  const access = await parts.issueAccessToken({ userId: id, sessionId, username }, now);
  return { user: { id, username, email }, tokens: { access, refresh } };
}
