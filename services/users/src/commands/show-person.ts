import { GoChatError } from "@gochat/contracts/errors";
import type { Person } from "@gochat/contracts/http/users";
import type { Parts } from "../parts.ts";
import { presentPerson } from "../person.ts";
import { findPerson } from "../store.ts";

/** One person, as others see them. Throws NOT_FOUND. */
export async function showPerson(
  id: string,
  { database, directory }: Pick<Parts, "database" | "directory">,
): Promise<Person> {
  const [row, isPresenceKnown] = await Promise.all([findPerson(database, id), directory.isPresenceKnown()]);
  if (!row) throw new GoChatError("NOT_FOUND");
  return presentPerson(row, isPresenceKnown);
}
