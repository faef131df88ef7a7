import type { Queryable } from "@gochat/database/database";

/** A session that has just ended, or ended lately. */
export interface EndedRow {
  readonly userId: string;
  readonly sessionId: string;
  readonly endedAt: Date;
  readonly accessUntil: Date;
}

const ended = `user_id AS "userId", id AS "sessionId", ended_at AS "endedAt", access_until AS "accessUntil"`;

/** Ends one session of this person. Empty where they have no such live session. */
export function endSession(
  connection: Queryable,
  userId: string,
  sessionId: string,
  now: Date,
): Promise<EndedRow[]> {
  return connection.query<EndedRow>(
    `UPDATE sessions SET ended_at = $3 WHERE id = $2 AND user_id = $1 AND ended_at IS NULL RETURNING ${ended}`,
    [userId, sessionId, now],
  );
}

/** Ends every session of this person but one. */
export function endOtherSessions(
  connection: Queryable,
  userId: string,
  keptId: string,
  now: Date,
): Promise<EndedRow[]> {
  return connection.query<EndedRow>(
    `UPDATE sessions SET ended_at = $3 WHERE user_id = $1 AND id <> $2 AND ended_at IS NULL RETURNING ${ended}`,
    [userId, keptId, now],
  );
}

/** Ends the least recently used sessions of a person, but not the newest one, so that `kept` stay. */
export function endSurplusSessions(
  connection: Queryable,
  userId: string,
  newestId: string,
  kept: number,
  now: Date,
): Promise<EndedRow[]> {
  return connection.query<EndedRow>(
    `UPDATE sessions SET ended_at = $4 WHERE ended_at IS NULL AND id IN
       (SELECT id FROM sessions WHERE user_id = $1 AND id <> $2 AND ended_at IS NULL
        ORDER BY last_used_at DESC, id OFFSET $3)
     RETURNING ${ended}`,
    [userId, newestId, kept - 1, now],
  );
}

/** Ends at most `limit` sessions that nobody used since. Safe on several nodes at once. */
export function endIdleSessions(
  connection: Queryable,
  idleSince: Date,
  limit: number,
  now: Date,
): Promise<EndedRow[]> {
  return connection.query<EndedRow>(
    `UPDATE sessions SET ended_at = $3 WHERE id IN
       (SELECT id FROM sessions WHERE ended_at IS NULL AND last_used_at < $1
        ORDER BY last_used_at LIMIT $2 FOR UPDATE SKIP LOCKED)
     RETURNING ${ended}`,
    [idleSince, limit, now],
  );
}

/** A page of the sessions that ended since, oldest first; the next page starts after the last row of this one. */
export function listEndedSessions(
  database: Queryable,
  since: Date,
  afterId: string,
  limit: number,
): Promise<EndedRow[]> {
  return database.query<EndedRow>(
    `SELECT ${ended} FROM sessions WHERE (ended_at, id) > ($1, $2) ORDER BY ended_at, id LIMIT $3`,
    [since, afterId, limit],
  );
}

/** Forgets sessions that ended long ago. Returns how many, at most `limit`. */
export async function deleteEndedSessions(database: Queryable, before: Date, limit: number): Promise<number> {
  const rows = await database.query(
    `DELETE FROM sessions WHERE id IN
       (SELECT id FROM sessions WHERE ended_at < $1 ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED)
     RETURNING 1`,
    [before, limit],
  );
  return rows.length;
}
