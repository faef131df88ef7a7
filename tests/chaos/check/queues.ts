import type { CreateJudge } from "./invariant.ts";

const emptyWithinMs = 30_000;
/** Between two looks. */
const slackMs = 5_000;

/** 15: what is left in queues each time that all is quiet, and in dead-letter queues. */
export const judgeQueues: CreateJudge = (_ledger, report) => {
  const poison = new Map<string, number>();
  const letters = new Map<string, number>();
  const missed = new Set<string>();
  let quiet: { t: number; line: number } | undefined;
  let isLookedAt = false;

  /** Each poison is missed once. */
  function expectPoison(line?: number): void {
    for (const [id, poisonLine] of poison) {
      if (letters.has(id) || missed.has(id)) continue;
      report(15, `the poison ${id} is in no dead-letter queue`, poisonLine, line);
      missed.add(id);
    }
  }

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
      } else if (entry.kind === "quiet") {
        quiet = { t: entry.t, line };
        isLookedAt = false;
      } else if (entry.kind === "queues" && quiet && !isLookedAt) {
        isLookedAt = true;
        for (const [queue, depth] of Object.entries(entry.depths)) {
          if (depth > 0) report(15, `${queue} still holds ${depth}`, quiet.line, line);
        }
        const waited = entry.askedAt - quiet.t;
        if (waited > emptyWithinMs + slackMs) {
          const seconds = (waited / 1000).toFixed(1);
          report(15, `the queues were seen empty after ${seconds} quiet seconds`, quiet.line, line);
        }
        expectPoison(line);
      }
    },
    finish: expectPoison,
  };
};
