import type { Entry } from "../history.ts";
import type { CreateJudge } from "./invariant.ts";

/** Lists show no higher number. */
const shownAtMost = 100;

/** What was read in one quiet time. */
interface Quiet {
  readonly summaries: { readonly entry: Extract<Entry, { kind: "summary" }>; readonly line: number }[];
  readonly notices: Map<string, { unread: Readonly<Record<string, number>>; line: number }>;
}

/** 12: unread numbers, each time that everything was quiet, against their definition. */
export const judgeUnread: CreateJudge = (ledger, report) => {
  const quiets: Quiet[] = [];

  /** Messages of others past the read position, up to the head of that time. */
  function unreadOf({ conversation, person, headSeq, readSeqs }: Extract<Entry, { kind: "summary" }>) {
    const final = ledger.finalOf(conversation);
    const readSeq = readSeqs[person] ?? 0;
    return final?.messages.filter(
      ([seq, , senderId]) => seq > readSeq && seq <= headSeq && senderId !== person,
    ).length;
  }

  return {
    take(entry, line) {
      if (entry.kind === "quiet") quiets.push({ summaries: [], notices: new Map() });
      const quiet = quiets.at(-1);
      if (entry.kind === "summary" && entry.settled) quiet?.summaries.push({ entry, line });
      else if (entry.kind === "notices") quiet?.notices.set(entry.person, { unread: entry.unread, line });
    },
    finish() {
      for (const { summaries, notices } of quiets) {
        for (const { entry, line } of summaries) {
          const { person, conversation, readSeqs, unreadCount } = entry;
          const unread = unreadOf(entry);
          if (unread === undefined) continue;
          const having = `${person} has ${unread} unread past ${readSeqs[person] ?? 0} in ${conversation}`;
          if (unreadCount !== Math.min(shownAtMost, unread)) {
            report(12, `${having}, shown ${unreadCount}`, line);
          }
          const noticed = notices.get(person);
          const noticedOf = noticed?.unread[conversation] ?? 0;
          if (noticed && noticedOf !== unread) {
            report(12, `${having}, notified of ${noticedOf}`, line, noticed.line);
          }
        }
      }
    },
  };
};
