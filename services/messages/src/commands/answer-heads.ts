import { UnroutableError } from "@gochat/broker/broker";
import {
  type HeadsAnswered,
  type HeadsRequested,
  headsAnswered,
} from "@gochat/contracts/events/message-events";
import { headsMovedSince, headsOf, type MovedPosition, noId } from "../conversation-store.ts";
import { headsPast, toHead } from "../heads.ts";
import type { Parts } from "../parts.ts";
import { type Found, type Reader, readPositionsSince } from "../replay-store.ts";
import { databaseTime } from "../standing-store.ts";
import { toReadEvent } from "./mark-read.ts";

const headsPerAnswer = 500;
const readsLookedAt = 1_000;

/** Answers chat nodes where conversations stand: those of one person, or all that moved in a span. */
export async function answerHeads(
  parts: Pick<Parts, "database" | "broker">,
  requests: readonly HeadsRequested[],
): Promise<void> {
  await answerPeople(
    parts,
    requests.filter((request) => request.userId !== undefined),
  );
  const ofNodes = requests.filter((request) => request.spanMs !== undefined);
  for (const [node, several] of Map.groupBy(ofNodes, (request) => request.node)) {
    await answerNode(parts, node, several);
  }
}

/** After a restart of a node many ask at once: one query for all of them. */
async function answerPeople(
  { database, broker }: Pick<Parts, "database" | "broker">,
  requests: readonly HeadsRequested[],
): Promise<void> {
  if (requests.length === 0) return;
  const rows = await headsOf(database, [...new Set(requests.map((request) => request.userId!))]);
  const byUser = Map.groupBy(rows, (row) => row.user_id);
  for (const { node, socket, userId, heads } of requests) {
    const past = headsPast(byUser.get(userId!) ?? [], heads);
    for (let from = 0; from < past.length; from += headsPerAnswer) {
      const part = past.slice(from, from + headsPerAnswer);
      await answer(broker, { node, ...(socket !== undefined && { socket }), heads: part });
    }
  }
}

/** Those that a node asked while nobody answered are one request: the longest span, as of the last time. */
async function answerNode(
  { database, broker }: Pick<Parts, "database" | "broker">,
  node: string,
  requests: readonly HeadsRequested[],
): Promise<void> {
  const longest = (key: "spanMs" | "asOf") => Math.max(...requests.flatMap((request) => request[key] ?? []));
  // What is stored carries the database's time, and no two machines agree on it.
  const now = await databaseTime(database);
  const since = new Date(now.getTime() - longest("spanMs"));
  const asOf = longest("asOf");
  if (requests.some(({ reads }) => reads)) await answerReads({ database, broker }, node, since);
  let after = noId;
  for (;;) {
    const rows = await headsMovedSince(database, { since, after, limit: headsPerAnswer });
    // A conversation has a row for each member; one head says it for both.
    const heads = rows
      .filter((row, index) => row.conversation_id !== rows[index - 1]?.conversation_id)
      .map(toHead);
    const isLast = heads.length < headsPerAnswer;
    await answer(broker, { node, heads, ...(isLast && Number.isFinite(asOf) && { asOf }) });
    if (isLast) return;
    after = rows.at(-1)!.conversation_id;
  }
}

/** A receipt that did not reach the node: nothing later would say it again. */
async function answerReads(
  { database, broker }: Pick<Parts, "database" | "broker">,
  node: string,
  since: Date,
): Promise<void> {
  for (let after: Reader | undefined = { conversationId: noId, userId: noId }; after; ) {
    const { rows, next }: Found<MovedPosition, Reader> = await readPositionsSince(database, {
      since,
      after,
      limit: readsLookedAt,
    });
    if (rows.length > 0) await answer(broker, { node, heads: [], reads: rows.map(toReadEvent) });
    after = next;
  }
}

async function answer(broker: Parts["broker"], answered: HeadsAnswered): Promise<void> {
  try {
    await broker.publish(headsAnswered, [answered], { key: answered.node });
  } catch (error) {
    // The node is gone, and its sockets with it.
    if (!(error instanceof UnroutableError)) throw error;
  }
}
