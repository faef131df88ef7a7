import type { CreateJudge } from "./invariant.ts";

interface Observed {
  readonly seq: number;
  readonly t: number;
  readonly line: number;
}

/** What is known of one reader in one conversation. */
interface Reader {
  readonly conversation: string;
  readonly person: string;
  /** Positions that devices reported, in the order of time; each higher than the one before. */
  readonly reported: Observed[];
  /** Positions that others, or lists, showed; each higher than the one before. */
  readonly shown: Observed[];
  final: Observed | undefined;
}

/** 11: read positions. */
export const judgeReadPositions: CreateJudge = (ledger, report) => {
  const readers = new Map<string, Reader>();

  function readerOf(conversation: string, person: string): Reader {
    const key = `${conversation} ${person}`;
    const reader = readers.get(key) ?? { conversation, person, reported: [], shown: [], final: undefined };
    readers.set(key, reader);
    return reader;
  }

  function add(list: Observed[], observed: Observed): void {
    if (observed.seq > (list.at(-1)?.seq ?? 0)) list.push(observed);
  }

  function checkPast({ conversation, person, shown, reported }: Reader): void {
    const own = [...ledger.sent.values()]
      .filter(
        (sent) => sent.conversation === conversation && sent.person === person && sent.seq !== undefined,
      )
      .map((sent) => ({ seq: sent.seq!, t: sent.sentAt, line: sent.sentLine }));
    const allowed = [...reported, ...own].sort((a, b) => a.t - b.t);
    let highest = 0;
    let next = 0;
    for (const { seq, t, line } of shown) {
      for (; next < allowed.length && allowed[next]!.t <= t; next++) {
        highest = Math.max(highest, allowed[next]!.seq);
      }
      if (seq > highest) {
        report(
          11,
          `${person} is shown to have read ${seq} of ${conversation}, and was shown ${highest}`,
          line,
        );
        return;
      }
    }
  }

  return {
    take(entry, line) {
      const { t } = entry;
      if (entry.kind === "readSent") {
        const person = ledger.personOf.get(entry.device) ?? "";
        add(readerOf(entry.conversation, person).reported, { seq: entry.seq, t, line });
      } else if (entry.kind === "read") {
        // A repeated announcement may be older than what was shown: devices keep the highest.
        add(readerOf(entry.conversation, entry.person).shown, { seq: entry.readSeq, t, line });
      } else if (entry.kind === "summary") {
        for (const [person, seq] of Object.entries(entry.readSeqs)) {
          const reader = readerOf(entry.conversation, person);
          const before = reader.shown.findLast((observed) => observed.t < entry.askedAt);
          if (before && seq < before.seq) {
            report(
              11,
              `the read position of ${person} in ${entry.conversation} went from ${before.seq} to ${seq}`,
              before.line,
              line,
            );
          }
          add(reader.shown, { seq, t, line });
          if (entry.settled) reader.final = { seq, t, line };
        }
      }
    },
    finish() {
      for (const reader of readers.values()) {
        checkPast(reader);
        const { conversation, person, final } = reader;
        // Of a run that broke off: what was read since the last list was in none.
        const last = final && reader.reported.findLast(({ t }) => t <= final.t);
        if (!last || final.seq >= last.seq) continue;
        report(
          11,
          `${person} read ${conversation} up to ${last.seq}, and the list says ${final.seq}`,
          last.line,
          final.line,
        );
      }
    },
  };
};
