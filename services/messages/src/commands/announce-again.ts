import { messageStored } from "@gochat/contracts/events/message-events";
import { highestRuns } from "../batch.ts";
import { noId } from "../conversation-store.ts";
import { toMessage, toStoredEvent } from "../message.ts";
import {
  type AnnouncementRow,
  findUnannounced,
  markAnnounced,
  trySweeperLock,
  unannouncedMessages,
} from "../message-store.ts";
import type { Parts } from "../parts.ts";

const pageSize = 500;
const conversationsPerPage = 100;
/** So many pages a round: the lock is not held for ever, and the next round goes on. */
const maxPages = 40;
/** Younger messages are still in the hands of whoever stored them. */
const settledAfterMs = 5_000;

type Announcing = Pick<Parts, "database" | "broker">;
type Sweeping = Announcing & Pick<Parts, "backlog" | "measures">;

/**
 * Announces, in order, what was stored and never announced: of the conversations in the backlog, or of all where
 * `everywhere`. Under a lock, so that two processes do not do the same. Rejects where the broker or the database
 * does; the next round tries again.
 */
export async function announceUnannounced(
  parts: Sweeping,
  { everywhere }: { everywhere: boolean },
): Promise<void> {
  const { database, backlog, measures } = parts;
  const fromBacklog = backlog.take(conversationsPerPage);
  if (fromBacklog.length === 0 && !everywhere) return;
  try {
    await database.transaction(async (connection) => {
      const [lock] = await trySweeperLock(connection);
      if (everywhere) measures.unannounced.set(0);
      if (!lock?.locked) return backlog.add(fromBacklog);
      await announceConversations(parts, fromBacklog);
      let after = noId;
      for (let page = 0; everywhere && page < maxPages; page++) {
        const options = { ageMs: settledAfterMs, after, limit: conversationsPerPage };
        const conversationIds = await findUnannounced(database, options);
        measures.unannounced.inc(conversationIds.length);
        await announceConversations(parts, conversationIds);
        if (conversationIds.length < conversationsPerPage) return;
        after = conversationIds.at(-1)!;
      }
    });
  } catch (error) {
    backlog.add(fromBacklog);
    throw error;
  }
}

async function announceConversations(parts: Announcing, conversationIds: readonly string[]): Promise<void> {
  if (conversationIds.length === 0) return;
  for (let page = 0; page < maxPages; page++) {
    const rows = await unannouncedMessages(parts.database, conversationIds, pageSize);
    await announceMessages(parts, rows);
    const runs = highestRuns(rows.map((row) => ({ conversationId: row.conversation_id, seq: row.seq })));
    await markAnnounced(parts.database, runs);
    if (rows.length < pageSize) return;
  }
}

/** Announces stored messages, in order. Rejects where the broker does. */
export async function announceMessages(
  { broker }: Pick<Parts, "broker">,
  rows: readonly AnnouncementRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const events = rows.map((row) => toStoredEvent(toMessage(row), row.sender_username));
  await broker.publish(messageStored, events);
}
