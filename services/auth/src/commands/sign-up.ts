import { randomUUID } from "node:crypto";
import { GoChatError } from "@gochat/contracts/errors";
import { passwordErrors, refuseIfAny, usernameErrors } from "../account.ts";
import { insertAccount, isTaken } from "../accounts-store.ts";
import { announceRegistered } from "../announcements.ts";
import type { Parts } from "../parts.ts";
import type { Device } from "../session.ts";
import { openSession, type SignedIn } from "../session-opening.ts";

interface SignUp {
  /** Folded, as the username is. */
  readonly email: string;
  readonly username: string;
  readonly password: string;
  readonly device: Device;
}

/** Makes an account and signs in. Throws INVALID_INPUT, EMAIL_OR_USERNAME_TAKEN or BUSY. */
export async function signUp(
  { email, username, password, device }: SignUp,
  parts: Pick<
    Parts,
    "database" | "outbox" | "sessions" | "hasher" | "commonPasswords" | "issueAccessToken" | "clock"
  >,
): Promise<SignedIn> {
  const isCommon = await parts.commonPasswords();
  refuseIfAny([
    ...usernameErrors(username),
    ...passwordErrors({ password, path: "/password", username, email, isCommon }),
  ]);
  // Asked before the costly hash, decided by the insert.
  if (await isTaken(parts.database, email, username)) throw new GoChatError("EMAIL_OR_USERNAME_TAKEN");
  const account = { id: randomUUID(), email, username, passwordHash: await parts.hasher.hash(password) };

  const now = parts.clock();
  const at = new Date(now);
  const signedIn = await openSession(parts, { device, now }, async (connection) => {
    if (!(await insertAccount(connection, { ...account, createdAt: at }))) return undefined;
    await announceRegistered(connection, parts.outbox, account, at);
    return account;
  });
  if (!signedIn) throw new GoChatError("EMAIL_OR_USERNAME_TAKEN");
  return signedIn;
}
