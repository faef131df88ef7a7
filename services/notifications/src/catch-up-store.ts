import type { Queryable } from "@gochat/database/database";

/**
 * Begins a comparison, unless a page of another one was asked for within `quietMs`, by whichever process. Answers from
 * when on to compare: null from the beginning, undefined where it is not begun.
 */
export async function beginCatchUp(database: Queryable, quietMs: number): Promise<Date | null | undefined> {
  const [row] = await database.query<{ until: Date | null }>(
    `INSERT INTO caught_up (asked_at) VALUES (clock_timestamp())
     ON CONFLICT (one) DO UPDATE SET asked_at = excluded.asked_at
       WHERE caught_up.asked_at < excluded.asked_at - $1 * interval '1 millisecond'
     RETURNING until`,
    [quietMs],
  );
  return row?.until;
}

/** A further page is asked for. */
export async function continueCatchUp(database: Queryable): Promise<void> {
  await database.query("UPDATE caught_up SET asked_at = clock_timestamp()");
}

/** Everything up to this time was compared. */
export async function finishCatchUp(database: Queryable, until: Date): Promise<void> {
  await database.query("UPDATE caught_up SET until = greatest(until, $1)", [until]);
}
