import { otherMember } from "@gochat/contracts/conversation-id";
import type { Message } from "@gochat/contracts/http/conversations";
import type { Notification } from "@gochat/contracts/http/notifications";
import type { Person } from "@gochat/contracts/http/users";
import { limits } from "@gochat/contracts/limits";
import { createSelector } from "@reduxjs/toolkit";
import { isUncertain } from "./connectionSlice.ts";
import { type ConversationLog, needsCatchUp, type PendingMessage, unknownLog } from "./conversation-log.ts";
import type { ConversationSummary } from "./conversationsSlice.ts";
import type { RootState } from "./state.ts";

export const selectMe = (state: RootState): string => state.session.user?.id ?? "";

export function selectLog(state: RootState, conversationId: string): ConversationLog {
  return state.messages.byConversation[conversationId] ?? unknownLog;
}

export function selectReadSeq(state: RootState, conversationId: string, userId: string): number {
  return state.conversations.byId[conversationId]?.readSeqs[userId] ?? 0;
}

/** The other person of a conversation; the name is undefined until someone has told it. */
export function selectOther(state: RootState, conversationId: string): { id: string; username?: string } {
  const id = otherMember(conversationId, selectMe(state));
  const members = state.conversations.byId[conversationId]?.snapshot.members;
  const username = members?.find(({ userId }) => userId === id)?.username ?? state.people.byId[id]?.username;
  return username === undefined ? { id } : { id, username };
}

/** What can be said of a person's presence now; while the socket that brings it is away, nothing. */
export function selectStatus(state: RootState, userId: string): Person["status"] {
  if (isUncertain(state.connection)) return "unknown";
  return state.people.byId[userId]?.status ?? "unknown";
}

export function selectUnread(state: RootState, conversationId: string): number {
  const summary = state.conversations.byId[conversationId];
  if (!summary) return 0;
  return countUnread(summary, selectLog(state, conversationId), selectMe(state));
}

/**
 * Messages of others past one's own read position, at most 100. Counted from the log as far down as it goes; what
 * lies below the log is what the server counted, as long as the read position is where it was when it counted.
 */
function countUnread(summary: ConversationSummary, log: ConversationLog, me: string): number {
  const { snapshot, readSeqs } = summary;
  const readSeq = readSeqs[me] ?? 0;
  if (readSeq >= Math.max(log.applied, snapshot.headSeq)) return 0;
  const isWhole = log.applied >= 0 && log.from <= readSeq + 1;
  const floor = isWhole ? readSeq : Math.max(readSeq, snapshot.headSeq);
  let count = 0;
  for (let index = log.messages.length - 1; index >= 0; index--) {
    const { seq, senderId } = log.messages[index]!;
    if (seq <= floor || count >= limits.maxUnreadCount) break;
    if (senderId !== me) count++;
  }
  if (!isWhole) count += Math.min(snapshot.unreadCount, Math.max(0, snapshot.headSeq - readSeq));
  return Math.min(count, limits.maxUnreadCount);
}

/** The newest message that is known, whether from the log or from the summary. */
export function newestMessage(summary: ConversationSummary, log: ConversationLog): Message | null {
  const inLog = log.messages.at(-1);
  const inSummary = summary.snapshot.lastMessage;
  return inLog && inLog.seq >= (inSummary?.seq ?? 0) ? inLog : inSummary;
}

export function newestPending(log: ConversationLog): PendingMessage | undefined {
  return log.pending.at(-1);
}

/** Ids of the listed conversations, the most recently active first. */
export const selectConversationIds = createSelector(
  [(state: RootState) => state.conversations.byId, (state: RootState) => state.messages.byConversation],
  (summaries, logs) => {
    const activity = Object.entries(summaries).map(([id, summary]) => {
      const log = logs[id] ?? unknownLog;
      const stored = newestMessage(summary, log)?.createdAt ?? summary.snapshot.createdAt;
      return { id, at: Math.max(Date.parse(stored), newestPending(log)?.writtenAt ?? 0) };
    });
    return activity.sort((a, b) => b.at - a.at).map(({ id }) => id);
  },
);

/** People of the list, online first and then by name, as far as it is loaded. */
export const selectListedPeople = createSelector(
  [(state: RootState) => state.people.list.ids, (state: RootState) => state.people.byId, selectMe],
  (ids, byId, me) =>
    ids
      .flatMap((id) => (id !== me && byId[id] ? [byId[id]] : []))
      .sort((a, b) => rank(a) - rank(b) || (a.username < b.username ? -1 : 1)),
);

function rank({ status }: Person): number {
  return status === "online" ? 0 : 1;
}

/** Whether an entry is still to be read; what was read in the conversation needs no answer of the server. */
export function isUnread(entry: Notification, readSeq: number): boolean {
  return entry.readAt === null && entry.seq > readSeq;
}

/** How many entries are unread, those that are not loaded included. */
export const selectUnreadEntries = createSelector(
  [(state: RootState) => state.notifications, (state: RootState) => state.conversations.byId, selectMe],
  ({ byId, unreadElsewhere }, summaries, me) =>
    Object.values(byId).filter((entry) => isUnread(entry, summaries[entry.conversationId]?.readSeqs[me] ?? 0))
      .length + unreadElsewhere,
);

/** The same without what came from one conversation: what one does not see while that one is open. */
export function selectUnreadBeside(state: RootState, conversationId: string): number {
  const entry = Object.values(state.notifications.byId).find((one) => one.conversationId === conversationId);
  const isCounted = entry && isUnread(entry, selectReadSeq(state, conversationId, selectMe(state)));
  return selectUnreadEntries(state) - (isCounted ? 1 : 0);
}

/** Conversation id → the newest position heard of, for each one that has something unread. */
export function selectUnreadPositions(state: RootState): ReadonlyMap<string, number> {
  const me = selectMe(state);
  const positions = new Map<string, number>();
  for (const { conversationId, seq, readAt } of Object.values(state.notifications.byId)) {
    if (readAt === null && seq > selectReadSeq(state, conversationId, me)) positions.set(conversationId, seq);
  }
  for (const [id, { snapshot }] of Object.entries(state.conversations.byId)) {
    if (selectUnread(state, id) === 0) continue;
    positions.set(id, Math.max(positions.get(id) ?? 0, snapshot.headSeq, selectLog(state, id).applied));
  }
  return positions;
}

/** Entries, the newest first. */
export const selectNotifications = createSelector([(state: RootState) => state.notifications.byId], (byId) =>
  Object.values(byId).sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt)),
);

/** What the hash chain says of the messages that are held. */
export const selectIntegrity = createSelector(
  [selectLog, (state: RootState, conversationId: string) => state.messages.integrity[conversationId]],
  (log, integrity) => ({
    newest: log.messages.at(-1),
    from: log.from,
    brokenAt:
      typeof integrity?.brokenAt === "number"
        ? log.messages.find(({ seq }) => seq === integrity.brokenAt)
        : undefined,
    isBehind: needsCatchUp(log),
  }),
);
