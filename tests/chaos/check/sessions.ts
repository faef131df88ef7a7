import type { Entry } from "../history.ts";
import type { CreateJudge } from "./invariant.ts";
import { messagesOf } from "./ledger.ts";

/** The highest position that a person had seen of a conversation, as it grew. */
interface Floor {
  readonly times: number[];
  readonly seqs: number[];
  readonly lines: number[];
}

/** 8: what a person has seen, on whichever device and through whichever node, stays seen. */
export const judgeSessions: CreateJudge = (ledger, report) => {
  const floors = new Map<string, Floor>();

  function raise(person: string, conversation: string, seq: number, t: number, line: number): void {
    const key = `${person} ${conversation}`;
    const floor = floors.get(key) ?? { times: [], seqs: [], lines: [] };
    floors.set(key, floor);
    if (seq <= (floor.seqs.at(-1) ?? 0)) return;
    floor.times.push(t);
    floor.seqs.push(seq);
    floor.lines.push(line);
  }

  /** What the person had seen strictly before this time. */
  function floorAt(
    person: string,
    conversation: string,
    t: number,
  ): { seq: number; line: number } | undefined {
    const floor = floors.get(`${person} ${conversation}`);
    if (!floor) return undefined;
    let low = 0;
    let high = floor.times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (floor.times[middle]! < t) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? undefined : { seq: floor.seqs[low - 1]!, line: floor.lines[low - 1]! };
  }

  function read(person: string, entry: Extract<Entry, { kind: "page" | "summary" }>, line: number): void {
    const { conversation, askedAt, headSeq } = entry;
    const floor = floorAt(person, conversation, askedAt);
    if (floor && headSeq < floor.seq) {
      report(
        8,
        `${person} saw ${floor.seq} of ${conversation} and then read the head ${headSeq}`,
        floor.line,
        line,
      );
    }
    if (entry.kind !== "page") return;
    const hole = entry.messages.findIndex(([seq], index) => seq !== entry.after + 1 + index);
    if (hole >= 0) report(8, `a page of ${conversation} after ${entry.after} has a hole`, line);
    if (entry.messages.length === 0 && headSeq > entry.after) {
      report(8, `a page of ${conversation} after ${entry.after} is empty below the head ${headSeq}`, line);
    }
  }

  return {
    take(entry, line) {
      if (entry.kind === "summary") {
        read(entry.person, entry, line);
        raise(entry.person, entry.conversation, entry.headSeq, entry.t, line);
        return;
      }
      if (entry.kind !== "stored" && entry.kind !== "page") return;
      const person = ledger.personOf.get(entry.device) ?? "";
      if (entry.kind === "page") read(person, entry, line);
      for (const [seq] of messagesOf(entry)) raise(person, entry.conversation, seq, entry.t, line);
    },
    finish() {
      for (const sent of ledger.sent.values()) {
        const { person, conversation, seq } = sent;
        const floor = floorAt(person, conversation, sent.sentAt);
        if (seq === undefined || !floor || floor.seq < seq) continue;
        report(
          8,
          `${person} had seen ${floor.seq} of ${conversation} and then wrote ${sent.id} at ${seq}`,
          floor.line,
          sent.sentLine,
          sent.seqLine,
        );
      }
    },
  };
};
