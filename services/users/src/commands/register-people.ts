import type { UserRegistered } from "@gochat/contracts/events/user-events";
import type { Parts } from "../parts.ts";
import { newestByTime } from "../person.ts";
import { upsertRegistered } from "../store.ts";

/** Shows new people in the directory. Returns whether others see a difference. */
export function registerPeople(
  events: readonly UserRegistered[],
  { database }: Pick<Parts, "database">,
): Promise<boolean> {
  return upsertRegistered(database, newestByTime(events));
}
