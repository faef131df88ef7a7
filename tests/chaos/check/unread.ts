import type { Entry } from "../history.ts";
import type { CreateJudge } from "./invariant.ts";

/** Lists show no higher number. */
const shownAtMost = 100;

/** 12: unread numbers, once everything is quiet, against their definition. */
export const judgeUnread: CreateJudge = (ledger, report) => {
  const summaries: { entry: Extract<Entry, { kind: "summary" }>; line: number }[] = [];
  const notices = new Map<string, { unread: Readonly<Record<string, number>>; line: number }>();

  /** Messages of others past the read position. */
  function unreadOf(conversation: string, person: string, readSeq: number): number | undefined {
    const final = ledger.finalOf(conversation);
    return final?.messages.filter(([seq, , senderId]) => seq > readSeq && senderId !== person).length;
  }

  return {
    take(entry, line) {
      if (entry.kind === "summary" && entry.final) summaries.push({ entry, line });
      else if (entry.kind === "notices") notices.set(entry.person, { unread: entry.unread, line });
    },
    finish() {
      for (const { entry, line } of summaries) {
        const { person, conversation, readSeqs, unreadCount } = entry;
        const readSeq = readSeqs[person] ?? 0;
        const unread = unreadOf(conversation, person, readSeq);
        if (unread === undefined) continue;
        if (unreadCount !== Math.min(shownAtMost, unread)) {
          const text = `${person} has ${unread} unread past ${readSeq} in ${conversation}, shown ${unreadCount}`;
          report(12, text, line);
        }
        const noticed = notices.get(person);
        if (noticed && (noticed.unread[conversation] ?? 0) !== unread) {
          const shown = noticed.unread[conversation] ?? 0;
          const text = `${person} has ${unread} unread past ${readSeq} in ${conversation}, notified of ${shown}`;
          report(12, text, line, noticed.line);
        }
      }
    },
  };
};
