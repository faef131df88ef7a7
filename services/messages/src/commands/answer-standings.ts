import {
  type Standing,
  type StandingsRequested,
  standingsAnswered,
} from "@gochat/contracts/events/message-events";
import { noId } from "../conversation-store.ts";
import type { Parts } from "../parts.ts";
import { databaseTime, type StandingRow, standingsSince } from "../standing-store.ts";

const standingsPerAnswer = 250;
/** Longer than a transaction takes: what is dated before this is to be seen by now. */
const settledAfterMs = 60_000;

/** Answers how the conversations stand that moved lately. A request that waits here several times is answered once. */
export async function answerStandings(
  parts: Pick<Parts, "database" | "broker">,
  requests: readonly StandingsRequested[],
): Promise<void> {
  const different = new Map(requests.map((request) => [JSON.stringify(request), request]));
  for (const request of different.values()) await answer(parts, request);
}

async function answer(
  { database, broker }: Pick<Parts, "database" | "broker">,
  { since, until, after = noId }: StandingsRequested,
): Promise<void> {
  const now = await databaseTime(database);
  const rows = await standingsSince(database, {
    since: since === undefined ? undefined : new Date(since),
    after,
    limit: standingsPerAnswer,
  });
  const last = rows.length === standingsPerAnswer ? rows.at(-1) : undefined;
  await broker.publish(standingsAnswered, [
    {
      ...(since !== undefined && { since }),
      until: until ?? new Date(now.getTime() - settledAfterMs).toISOString(),
      ...(last && { next: last.conversation_id }),
      standings: rows.map(toStanding),
    },
  ]);
}

function toStanding(row: StandingRow): Standing {
  return {
    conversationId: row.conversation_id,
    headSeq: row.last_seq,
    members: row.members,
    senderId: row.sender_id,
    senderUsername: row.sender_username,
    text: row.text.toWellFormed(),
    createdAt: new Date(row.created_ms).toISOString(),
  };
}
