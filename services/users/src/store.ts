import type { UserRegistered } from "@gochat/contracts/events/user-events";
import type { Queryable } from "@gochat/database/database";
import type { DirectoryQuery } from "./directory-query.ts";
import type { PersonRow, PresenceChange } from "./person.ts";

const columns = `id, username, online, last_seen_at AS "lastSeenAt"`;

/** How many of the rows that a statement changed are shown to others. */
interface Changed {
  readonly visible: boolean;
}

/** At most one registration a person. Returns whether anything that others see has changed. */
export async function upsertRegistered(
  database: Queryable,
  people: readonly UserRegistered[],
): Promise<boolean> {
  const rows = await database.query(
    `INSERT INTO people AS known (id, username, registered_at)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS new (id, username, at) ORDER BY id
     ON CONFLICT (id) DO UPDATE SET username = excluded.username, registered_at = excluded.registered_at
       WHERE known.username IS DISTINCT FROM excluded.username
     RETURNING 1`,
    [people.map(({ userId }) => userId), people.map(({ username }) => username), people.map(({ at }) => at)],
  );
  return rows.length > 0;
}

/**
 * At most one change a person; those that are not newer than what is known change nothing. Of the same time,
 * going is newer than coming. Returns whether anything that others see has changed.
 */
export async function upsertPresence(
  database: Queryable,
  changes: readonly PresenceChange[],
): Promise<boolean> {
  const rows = await database.query<Changed>(
    `INSERT INTO people AS known (id, online, presence_at, last_seen_at)
     SELECT id, online, at, at FROM unnest($1::uuid[], $2::boolean[], $3::timestamptz[]) AS new (id, online, at)
       ORDER BY id
     ON CONFLICT (id) DO UPDATE
       SET online = excluded.online, presence_at = excluded.presence_at, last_seen_at = excluded.last_seen_at
       WHERE known.presence_at IS NULL
         OR (excluded.presence_at, NOT excluded.online) > (known.presence_at, NOT known.online)
     RETURNING username IS NOT NULL AS visible`,
    [changes.map(({ userId }) => userId), changes.map(({ online }) => online), changes.map(({ at }) => at)],
  );
  return rows.some(({ visible }) => visible);
}

/** When people last signed in or out; at most one time a person. Nobody else sees it. */
export async function upsertActivity(
  database: Queryable,
  column: "signed_in_at" | "signed_out_at",
  times: readonly { readonly userId: string; readonly at: string }[],
): Promise<void> {
  await database.query(
    `INSERT INTO people AS known (id, ${column})
     SELECT * FROM unnest($1::uuid[], $2::timestamptz[]) AS new (id, at) ORDER BY id
     ON CONFLICT (id) DO UPDATE SET ${column} = excluded.${column}
       WHERE known.${column} IS NULL OR known.${column} < excluded.${column}`,
    [times.map(({ userId }) => userId), times.map(({ at }) => at)],
  );
}

export async function findPerson(database: Queryable, id: string): Promise<PersonRow | undefined> {
  const [row] = await database.query<PersonRow>(
    `SELECT ${columns} FROM people WHERE id = $1 AND username IS NOT NULL`,
    [id],
  );
  return row;
}

/** One page and the row after it, which says whether there is a next page. The prefix is `canBePrefix`. */
export function listPeople(database: Queryable, query: DirectoryQuery): Promise<PersonRow[]> {
  return query.sort === "username" ? listByUsername(database, query) : listByStatus(database, query);
}

/** Behind every character that a username may have, in the "C" order of the index. */
const endOfPrefix = "~";

function listByUsername(
  database: Queryable,
  { direction, prefix, after, limit }: DirectoryQuery,
): Promise<PersonRow[]> {
  const comparison = direction === "asc" ? ">" : "<";
  const position = after ? `AND (username, id) ${comparison} ($4, $5::uuid)` : "";
  return database.query<PersonRow>(
    `SELECT ${columns} FROM people
     WHERE username IS NOT NULL AND username >= $1 AND username < $2 ${position}
     ORDER BY username ${direction}, id ${direction} LIMIT $3`,
    [prefix, prefix + endOfPrefix, limit + 1, ...(after ? [after.username, after.id] : [])],
  );
}

/**
 * First those of one status, then those of the other, each by username: two ranges of one index. In one statement,
 * so that somebody who comes or goes meanwhile is not on the page twice.
 */
function listByStatus(
  database: Queryable,
  { direction, prefix, after, limit }: DirectoryQuery,
): Promise<PersonRow[]> {
  const first = direction === "desc";
  const isPastFirst = after !== undefined && after.online !== first;
  const position = after ? "AND (username, id) > ($4, $5::uuid)" : "";
  const ofStatus = (online: boolean, from: string) =>
    `(SELECT ${columns} FROM people
      WHERE username IS NOT NULL AND online = ${online} AND username >= $1 AND username < $2 ${from}
      ORDER BY username, id LIMIT $3)`;
  const ranges = isPastFirst
    ? ofStatus(!first, position)
    : `${ofStatus(first, position)} UNION ALL ${ofStatus(!first, "")}`;
  return database.query<PersonRow>(
    `SELECT * FROM (${ranges}) AS page ORDER BY online ${direction}, username, id LIMIT $3`,
    [prefix, prefix + endOfPrefix, limit + 1, ...(after ? [after.username, after.id] : [])],
  );
}
