import { GoChatError } from "@gochat/contracts/errors";
import { passwordErrors, refuseIfAny } from "../account.ts";
import { findAccountOfSession, lockAccount, updatePassword } from "../accounts-store.ts";
import { announceRevoked, announceWithinMs } from "../announcements.ts";
import type { Parts } from "../parts.ts";
import { endOtherSessions } from "../session-endings-store.ts";

interface ChangePassword {
  readonly sessionId: string;
  readonly currentPassword: string;
  readonly newPassword: string;
}

/**
 * Changes the password and ends every other session; this one goes on.
 * Throws WRONG_PASSWORD, INVALID_INPUT, UNAUTHENTICATED or BUSY.
 */
export async function changePassword(
  { sessionId, currentPassword, newPassword }: ChangePassword,
  parts: Pick<Parts, "database" | "outbox" | "sessions" | "hasher" | "commonPasswords" | "clock">,
): Promise<void> {
  const { database, outbox, sessions, hasher } = parts;
  const account = await findAccountOfSession(database, sessionId);
  if (!account) throw new GoChatError("UNAUTHENTICATED");
  const { id, email, username, passwordHash } = account;
  const isCommon = await parts.commonPasswords();
  refuseIfAny(passwordErrors({ password: newPassword, path: "/newPassword", username, email, isCommon }));
  if (!(await hasher.verify(passwordHash, currentPassword))) throw new GoChatError("WRONG_PASSWORD");
  const newHash = await hasher.hash(newPassword);

  const now = new Date(parts.clock());
  const revoked = await database.transaction(async (connection) => {
    // Somebody changed it while we were hashing: the current password is not the current one any more.
    if (!(await lockAccount(connection, id, passwordHash))) throw new GoChatError("WRONG_PASSWORD");
    await updatePassword(connection, id, newHash, now);
    const ended = await endOtherSessions(connection, id, sessionId, now);
    return announceRevoked(connection, outbox, ended);
  });
  for (const event of revoked) sessions.end(event);
  await outbox.flush(announceWithinMs);
}
