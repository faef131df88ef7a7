import type { Page } from "../directory-cache.ts";
import { canBePrefix, type DirectoryQuery, writeCursor } from "../directory-query.ts";
import type { Parts } from "../parts.ts";
import { presentPerson } from "../person.ts";
import { listPeople } from "../store.ts";

/** One page of the directory. */
export async function listDirectory(
  query: DirectoryQuery,
  { database, directory }: Pick<Parts, "database" | "directory">,
): Promise<Page> {
  if (!canBePrefix(query.prefix)) return { users: [], nextCursor: null };
  return directory.page(query, async (isPresenceKnown) => {
    const rows = await listPeople(database, query);
    const shown = rows.slice(0, query.limit);
    const last = shown.at(-1);
    return {
      users: shown.map((row) => presentPerson(row, isPresenceKnown)),
      nextCursor: last && rows.length > shown.length ? writeCursor(query, last) : null,
    };
  });
}
