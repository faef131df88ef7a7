import type { CreateJudge } from "./invariant.ts";

/** 15: what is left in queues at the end, and in dead-letter queues. */
export const judgeQueues: CreateJudge = (_ledger, report) => {
  const poison = new Map<string, number>();
  const letters = new Map<string, number>();
  return {
    take(entry, line) {
      if (entry.kind === "poison") poison.set(entry.id, line);
      else if (entry.kind === "deadLetter") {
        if (letters.has(entry.id)) {
          report(15, `${entry.id} is a dead letter twice`, letters.get(entry.id), line);
        } else if (!poison.has(entry.id)) {
          report(15, `${entry.id} is a dead letter and was no poison: ${entry.reason}`, line);
        }
        letters.set(entry.id, line);
      } else if (entry.kind === "queues") {
        for (const [queue, depth] of Object.entries(entry.depths)) {
          if (depth > 0) report(15, `${queue} still holds ${depth}`, line);
        }
      }
    },
    finish() {
      for (const [id, line] of poison) {
        if (!letters.has(id)) report(15, `the poison ${id} is in no dead-letter queue`, line);
      }
    },
  };
};
