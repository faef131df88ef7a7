import { type CreateJudge, incomplete } from "./invariant.ts";

/** A time when nobody wrote anything new, and what was looked at in it. */
interface Quiet {
  readonly line: number;
  readonly lists: Set<string>;
  readonly notified: Set<string>;
  isSettled: boolean;
  hasQueues: boolean;
}

/** What was never written down cannot be judged, and so is not right. */
export const judgeCompleteness: CreateJudge = (ledger, report) => {
  let quiet: Quiet | undefined;
  let wasQuiet = false;
  let hasEnd = false;

  function expectLooks(line: number): void {
    if (!quiet) return;
    const { line: quietLine, lists, notified, isSettled, hasQueues } = quiet;
    quiet = undefined;
    const missing = (text: string) => report(incomplete, text, quietLine, line);
    if (!isSettled) missing("nobody waited until everything had arrived");
    if (!hasQueues) missing("nobody looked at the queues while it was quiet");
    for (const person of ledger.people) {
      if (!notified.has(person)) missing(`the notifications of ${person} were not read while it was quiet`);
    }
    for (const [conversation, { members }] of ledger.logs) {
      for (const person of members) {
        if (lists.has(`${person} ${conversation}`)) continue;
        missing(`the list of ${person} was not read for ${conversation} while it was quiet`);
      }
    }
  }

  return {
    take(entry, line) {
      if (entry.kind === "quiet") {
        expectLooks(line);
        wasQuiet = true;
        quiet = { line, lists: new Set(), notified: new Set(), isSettled: false, hasQueues: false };
      } else if (entry.kind === "resumed" || entry.kind === "end") {
        expectLooks(line);
        hasEnd ||= entry.kind === "end";
      } else if (!quiet) return;
      else if (entry.kind === "settled") quiet.isSettled = true;
      else if (entry.kind === "queues") quiet.hasQueues = true;
      else if (entry.kind === "notices") quiet.notified.add(entry.person);
      else if (entry.kind === "summary" && entry.settled) {
        quiet.lists.add(`${entry.person} ${entry.conversation}`);
      }
    },
    finish() {
      if (ledger.people.size === 0) report(incomplete, "the history does not say who was there");
      if (ledger.sent.size === 0) report(incomplete, "nobody sent anything");
      if (!wasQuiet) report(incomplete, "it never fell silent");
      if (!hasEnd) report(incomplete, "the history has no end");
    },
  };
};
