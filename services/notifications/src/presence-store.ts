import type { Queryable } from "@gochat/database/database";
import type { AnnouncedPresence } from "./presence.ts";

interface PresenceRow {
  readonly user_id: string;
  readonly online: boolean;
  readonly changed_at: Date;
}

/**
 * What was announced of these people, locked until the transaction ends: who announces next waits, so events leave
 * in the order of the states. People without a row get one, offline.
 */
export async function lockPresence(
  connection: Queryable,
  userIds: readonly string[],
  now: number,
): Promise<AnnouncedPresence[]> {
  await connection.query(
    `INSERT INTO presence (user_id, online, changed_at)
     SELECT u, false, $2 FROM unnest($1::uuid[]) AS given (u) ORDER BY u ON CONFLICT DO NOTHING`,
    [userIds, new Date(now)],
  );
  const rows = await connection.query<PresenceRow>(
    "SELECT user_id, online, changed_at FROM presence WHERE user_id = ANY ($1) ORDER BY user_id FOR UPDATE",
    [userIds],
  );
  return rows.map(toAnnounced);
}

export async function savePresence(
  connection: Queryable,
  people: readonly AnnouncedPresence[],
): Promise<void> {
  await connection.query(
    `UPDATE presence AS p SET online = given.online, changed_at = given.at
     FROM unnest($1::uuid[], $2::boolean[], $3::timestamptz[]) AS given (u, online, at) WHERE p.user_id = given.u`,
    [
      people.map(({ userId }) => userId),
      people.map(({ online }) => online),
      people.map(({ changedAt }) => new Date(changedAt)),
    ],
  );
}

/** Who was announced as online and not yet as offline. */
export async function listAnnouncedOnline(database: Queryable): Promise<AnnouncedPresence[]> {
  return (
    await database.query<PresenceRow>("SELECT user_id, online, changed_at FROM presence WHERE online")
  ).map(toAnnounced);
}

/** Who was announced as offline since then. */
export async function listOfflineSince(database: Queryable, since: number): Promise<AnnouncedPresence[]> {
  const sql =
    "SELECT user_id, online, changed_at FROM presence WHERE NOT online AND changed_at >= $1 LIMIT 10000";
  return (await database.query<PresenceRow>(sql, [new Date(since)])).map(toAnnounced);
}

/** What was announced since then, of at most 10,000 people. */
export async function listChangedSince(database: Queryable, since: number): Promise<AnnouncedPresence[]> {
  const sql =
    "SELECT user_id, online, changed_at FROM presence WHERE changed_at >= $1 ORDER BY changed_at DESC LIMIT 10000";
  return (await database.query<PresenceRow>(sql, [new Date(since)])).map(toAnnounced);
}

/** Ahead of everybody, where people are gone through by id. */
export const lowestId = "00000000-0000-0000-0000-000000000000";

/** The next people behind this one, by id. */
export async function listPresenceAfter(
  database: Queryable,
  after: string,
  limit: number,
): Promise<AnnouncedPresence[]> {
  const sql = "SELECT user_id, online, changed_at FROM presence WHERE user_id > $1 ORDER BY user_id LIMIT $2";
  return (await database.query<PresenceRow>(sql, [after, limit])).map(toAnnounced);
}

/** Of those who changed since then the next behind this one, by id; locked until the transaction ends. */
export async function lockChangedSince(
  connection: Queryable,
  since: number,
  after: string,
  limit: number,
): Promise<AnnouncedPresence[]> {
  const rows = await connection.query<PresenceRow>(
    `SELECT user_id, online, changed_at FROM presence
     WHERE changed_at >= $1 AND user_id > $2 ORDER BY user_id LIMIT $3 FOR UPDATE`,
    [new Date(since), after, limit],
  );
  return rows.map(toAnnounced);
}

function toAnnounced(row: PresenceRow): AnnouncedPresence {
  return { userId: row.user_id, online: row.online, changedAt: row.changed_at.getTime() };
}

/** When the service last lived; undefined on the very first start. */
export async function readBeat(database: Queryable): Promise<number | undefined> {
  const rows = await database.query<{ at: Date }>("SELECT at FROM presence_beat");
  return rows[0]?.at.getTime();
}

export async function saveBeat(database: Queryable, now: number): Promise<void> {
  await database.query(
    `INSERT INTO presence_beat (at) VALUES ($1)
     ON CONFLICT (one) DO UPDATE SET at = greatest(presence_beat.at, excluded.at)`,
    [new Date(now)],
  );
}
