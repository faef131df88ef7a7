import type { CreateJudge } from "./invariant.ts";

/** What was never written down cannot be judged, and so is not right. */
export const judgeCompleteness: CreateJudge = (ledger, report) => {
  const lists = new Set<string>();
  const notified = new Set<string>();
  let hasEnd = false;

  return {
    take(entry) {
      if (entry.kind === "summary" && entry.final) lists.add(`${entry.person} ${entry.conversation}`);
      else if (entry.kind === "notices") notified.add(entry.person);
      else if (entry.kind === "end") hasEnd = true;
    },
    finish() {
      if (ledger.people.size === 0) report(1, "the history does not say who was there");
      if (!hasEnd) report(7, "the history has no end");
      for (const person of ledger.people) {
        if (!notified.has(person)) report(12, `the notifications of ${person} were not read at the end`);
      }
      for (const [conversation, { members }] of ledger.logs) {
        for (const person of members) {
          if (lists.has(`${person} ${conversation}`)) continue;
          report(12, `the list of ${person} was not read for ${conversation} at the end`);
        }
      }
    },
  };
};
