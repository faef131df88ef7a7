import type { Broker, Delivery } from "@gochat/broker/broker";
import {
  type StandingsAnswered,
  type StandingsRequested,
  standingsRequested,
} from "@gochat/contracts/events/message-events";
import type { Database } from "@gochat/database/database";
import { beginCatchUp, continueCatchUp, finishCatchUp } from "../catch-up-store.ts";
import { type Parts as ChangeParts, compareStandings } from "./change-entries.ts";

interface Parts {
  readonly broker: Broker;
  readonly database: Database;
}

/**
 * Asks messages how the conversations stand that moved since everything was last compared. A queue that was purged,
 * deleted or unbound loses events without a trace: this finds what they said. Whatever is lost of the questions and
 * answers themselves is asked again, from the same time on.
 */
export async function askStandings({ broker, database }: Parts, quietMs: number): Promise<void> {
  const since = await beginCatchUp(database, quietMs);
  if (since === undefined) return;
  await broker.publish(standingsRequested, [since === null ? {} : { since: since.toISOString() }]);
}

/** Puts the entries right, and asks for the next page. */
export async function takeStandings(
  parts: ChangeParts,
  answers: StandingsAnswered[],
  delivery: Delivery<StandingsAnswered>,
): Promise<void> {
  await compareStandings(parts, answers, delivery);
  for (const { since, until, next } of answers) {
    if (next === undefined) {
      await finishCatchUp(parts.database, new Date(until));
      continue;
    }
    await continueCatchUp(parts.database);
    const request: StandingsRequested = { ...(since !== undefined && { since }), until, after: next };
    await parts.broker.publish(standingsRequested, [request]);
  }
}
