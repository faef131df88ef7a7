import { GoChatError } from "@gochat/contracts/errors";
import type { Change, Message } from "@gochat/contracts/http/conversations";
import type { Database } from "@gochat/database/database";
import { headFor, messagesAfter, messagesBefore } from "../history-store.ts";
import { toMessage } from "../message.ts";
import { describePage, isImmutable, type PagePlan, type PageQuery, planPage } from "../page.ts";
import type { PageCache } from "../page-cache.ts";

interface Reading {
  readonly database: Database;
  readonly pages: PageCache;
}

/** Who asks for which conversation. Everybody but its members gets NOT_FOUND, as if it were not there. */
interface Asked {
  readonly conversationId: string;
  readonly userId: string;
}

/** A page of history, ascending. Membership and head are read from the database each time, full old pages cached. */
export async function readMessages({ database, pages }: Reading, asked: Asked, query: PageQuery) {
  const plan = planPage(query);
  const head = await requireHead(database, asked);
  const { conversationId } = asked;
  const isCacheable = query.before !== undefined && plan.pivot <= head + 1;
  const cached = isCacheable ? await pages.get(conversationId, plan.pivot, plan.older) : undefined;
  if (cached) return describePage(plan, cached, head);
  const messages = await findPage(database, conversationId, plan);
  if (isCacheable && isImmutable(plan, messages, head)) {
    await pages.set(conversationId, plan.pivot, plan.older, messages);
  }
  return describePage(plan, messages, head);
}

/** What came after a position, dense and ascending: how a device catches up. */
export async function readChanges(
  { database }: Pick<Reading, "database">,
  asked: Asked,
  { after, limit }: { after: number; limit: number },
): Promise<{ changes: Change[]; headSeq: number }> {
  const head = await requireHead(database, asked);
  const rows = head > after ? await messagesAfter(database, asked.conversationId, after, limit) : [];
  const changes = rows.map(
    (row): Change => ({ seq: row.seq, type: "message.stored", message: toMessage(row) }),
  );
  return { changes, headSeq: Math.max(head, changes.at(-1)?.seq ?? 0) };
}

async function requireHead(database: Database, asked: Asked): Promise<number> {
  const head = await headFor(database, asked);
  if (head === undefined) throw new GoChatError("NOT_FOUND");
  return head;
}

async function findPage(database: Database, conversationId: string, plan: PagePlan): Promise<Message[]> {
  const { pivot, older, newer } = plan;
  const before = older > 0 ? await messagesBefore(database, conversationId, pivot, older) : [];
  const from = newer > 0 ? await messagesAfter(database, conversationId, pivot - 1, newer) : [];
  return [...before, ...from].map(toMessage);
}
