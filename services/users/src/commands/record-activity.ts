import type { UserLoggedIn, UserSignedOut } from "@gochat/contracts/events/user-events";
import type { Parts } from "../parts.ts";
import { newestByTime } from "../person.ts";
import { upsertActivity } from "../store.ts";

/** Records when people last signed in: an operator's answer to "is this account in use?". Nobody else sees it. */
export async function recordSignIns(
  events: readonly UserLoggedIn[],
  { database }: Pick<Parts, "database">,
): Promise<boolean> {
  await upsertActivity(database, "signed_in_at", newestByTime(events));
  return false;
}

/** Records when people last signed out. It makes nobody offline: they may have other devices. */
export async function recordSignOuts(
  events: readonly UserSignedOut[],
  { database }: Pick<Parts, "database">,
): Promise<boolean> {
  await upsertActivity(database, "signed_out_at", newestByTime(events));
  return false;
}
