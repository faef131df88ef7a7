import { GoChatError } from "@gochat/contracts/errors";
import { type AccountRow, findAccountByEmail, lockAccount } from "../accounts-store.ts";
import type { Parts } from "../parts.ts";
import type { Device } from "../session.ts";
import { openSession, type SignedIn } from "../session-opening.ts";
import { guardSignIn } from "../sign-in-throttle.ts";

interface SignIn {
  /** Folded. */
  readonly email: string;
  readonly password: string;
  readonly device: Device;
}

/** Opens a session. Throws INVALID_CREDENTIALS, RATE_LIMITED or BUSY. */
export async function signIn(
  { email, password, device }: SignIn,
  parts: Pick<
    Parts,
    "database" | "outbox" | "sessions" | "hasher" | "issueAccessToken" | "clock" | "countFailures"
  >,
): Promise<SignedIn> {
  const { database, clock } = parts;
  const check = () => checkPassword(parts, email, password);
  const guarded = { email, address: device.ip, now: clock() };
  const account = parts.countFailures ? await guardSignIn(database, guarded, check) : await check();
  if (!account) throw new GoChatError("INVALID_CREDENTIALS");

  const signedIn = await openSession(parts, { device, now: clock() }, async (connection) =>
    (await lockAccount(connection, account.id, account.passwordHash)) ? account : undefined,
  );
  if (!signedIn) throw new GoChatError("INVALID_CREDENTIALS");
  return signedIn;
}

/** An unknown e-mail takes as long as a wrong password: the answer's time tells nobody who has an account. */
async function checkPassword(
  { database, hasher }: Pick<Parts, "database" | "hasher">,
  email: string,
  password: string,
): Promise<AccountRow | undefined> {
  const account = await findAccountByEmail(database, email);
  return (await hasher.verify(account?.passwordHash, password)) ? account : undefined;
}
