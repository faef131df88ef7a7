import type { Queryable } from "@gochat/database/database";
import type { Device, SessionState } from "./session.ts";

interface NewSession extends Device {
  readonly id: string;
  readonly userId: string;
  readonly tokenHash: Uint8Array;
  readonly createdAt: Date;
  /** When the last access token of the session ends by itself. */
  readonly accessUntil: Date;
}

export async function insertSession(connection: Queryable, session: NewSession): Promise<void> {
  const { id, userId, tokenHash, createdAt, accessUntil, userAgent, ip } = session;
  await connection.query(
    `INSERT INTO sessions (id, user_id, token_hash, access_until, created_at, last_used_at, user_agent, ip)
     VALUES ($1, $2, $3, $4, $5, $5, $6, $7)`,
    [id, userId, tokenHash, accessUntil, createdAt, userAgent, ip],
  );
}

export interface LockedSession extends SessionState {
  readonly userId: string;
  readonly username: string;
}

/** The session, locked until the transaction ends: two refreshes of one token come one after the other. */
export async function lockSession(connection: Queryable, id: string): Promise<LockedSession | undefined> {
  const [row] = await connection.query<LockedSession>(
    `SELECT s.user_id AS "userId", a.username, s.token_hash AS "tokenHash",
       s.previous_token_hash AS "previousTokenHash", s.rotated_at AS "rotatedAt",
       s.last_used_at AS "lastUsedAt", s.ended_at AS "endedAt"
     FROM sessions s JOIN accounts a ON a.id = s.user_id WHERE s.id = $1 FOR UPDATE OF s`,
    [id],
  );
  return row;
}

/** The successor takes the token's place, which becomes the previous one. */
export async function rotateSession(
  connection: Queryable,
  id: string,
  successorHash: Uint8Array,
  now: Date,
): Promise<void> {
  await connection.query(
    `UPDATE sessions SET previous_token_hash = token_hash, token_hash = $2, rotated_at = $3 WHERE id = $1`,
    [id, successorHash, now],
  );
}

/** A refresh was answered: shows when, from where, and when the newest access token ends. */
export async function touchSession(
  connection: Queryable,
  id: string,
  use: Device & { readonly now: Date; readonly accessUntil: Date },
): Promise<void> {
  await connection.query(
    `UPDATE sessions SET last_used_at = $2, access_until = greatest(access_until, $3), user_agent = $4, ip = $5
     WHERE id = $1`,
    [id, use.now, use.accessUntil, use.userAgent, use.ip],
  );
}

interface SessionRow extends Device {
  readonly id: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
}

/** The live sessions of a person, the most recently used first. */
export function listLiveSessions(
  database: Queryable,
  userId: string,
  idleSince: Date,
): Promise<SessionRow[]> {
  return database.query<SessionRow>(
    `SELECT id, created_at AS "createdAt", last_used_at AS "lastUsedAt", user_agent AS "userAgent", ip
     FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND last_used_at >= $2
     ORDER BY last_used_at DESC, id`,
    [userId, idleSince],
  );
}
