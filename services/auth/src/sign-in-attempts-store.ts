import type { Queryable } from "@gochat/database/database";

/** Who is guessed at, and from where. */
export interface AttemptKey {
  /** SHA-256: the e-mail need not be anybody's. */
  readonly emailHash: Uint8Array;
  readonly network: string;
}

export interface Attempts {
  readonly failures: number;
  /** The oldest window that they are counted in. */
  readonly since: Date;
}

/**
 * Counts one more attempt, up to `most`. The window starts anew where the last one began before `windowStart`.
 * Committed on return, so that of any number at once each sees those before it.
 */
export async function countAttempt(
  database: Queryable,
  { emailHash, network }: AttemptKey,
  { now, windowStart, most }: { now: Date; windowStart: Date; most: number },
): Promise<Attempts> {
  const [row] = await database.query<{ failures: number; since: Date }>(
    `INSERT INTO sign_in_failures AS known (email_hash, network, failures, since) VALUES ($1, $2, 1, $3)
     ON CONFLICT (email_hash, network) DO UPDATE SET
       failures = CASE WHEN known.since < $4 THEN 1 ELSE least(known.failures + 1, $5) END,
       since = CASE WHEN known.since < $4 THEN $3 ELSE known.since END
     RETURNING failures, since`,
    [emailHash, network, now, windowStart, most],
  );
  return row!;
}

/** What all networks together have tried; of each at most `mostOfNetwork`, since past that it was refused. */
export async function sumAttempts(
  database: Queryable,
  emailHash: Uint8Array,
  { windowStart, mostOfNetwork }: { windowStart: Date; mostOfNetwork: number },
): Promise<Attempts | undefined> {
  const [row] = await database.query<{ failures: number; since: Date | null }>(
    `SELECT coalesce(sum(least(failures, $3)), 0)::int AS failures, min(since) AS since
     FROM sign_in_failures WHERE email_hash = $1 AND since >= $2 AND failures > 0`,
    [emailHash, windowStart, mostOfNetwork],
  );
  return row?.since ? { failures: row.failures, since: row.since } : undefined;
}

/** Takes back an attempt that was not decided. */
export async function uncountAttempt(database: Queryable, { emailHash, network }: AttemptKey): Promise<void> {
  await database.query(
    `UPDATE sign_in_failures SET failures = failures - 1
     WHERE email_hash = $1 AND network = $2 AND failures > 0`,
    [emailHash, network],
  );
}

export async function forgetAttempts(database: Queryable, { emailHash, network }: AttemptKey): Promise<void> {
  await database.query("DELETE FROM sign_in_failures WHERE email_hash = $1 AND network = $2", [
    emailHash,
    network,
  ]);
}

/** Returns how many were deleted, at most `limit`. */
export async function deleteOldAttempts(database: Queryable, before: Date, limit: number): Promise<number> {
  const rows = await database.query(
    `DELETE FROM sign_in_failures WHERE (email_hash, network) IN
       (SELECT email_hash, network FROM sign_in_failures WHERE since < $1
        ORDER BY since LIMIT $2 FOR UPDATE SKIP LOCKED)
     RETURNING 1`,
    [before, limit],
  );
  return rows.length;
}
