import type { Parts } from "../parts.ts";
import { newestPresence, type PresenceChange } from "../person.ts";
import { upsertPresence } from "../store.ts";

/** Records who came and went. Returns whether others see a difference. */
export function recordPresence(
  changes: readonly PresenceChange[],
  { database }: Pick<Parts, "database">,
): Promise<boolean> {
  return upsertPresence(database, newestPresence(changes));
}
