import type { Entry } from "../history.ts";
import { judgeCompleteness } from "./completeness.ts";
import { judgeDevices } from "./devices.ts";
import { judgeDirectory } from "./directory.ts";
import type { Violation } from "./invariant.ts";
import { Ledger } from "./ledger.ts";
import { judgeLog } from "./log.ts";
import { judgeMembership } from "./membership.ts";
import { judgeOrder } from "./order.ts";
import { judgeOutcomes } from "./outcomes.ts";
import { judgePresence } from "./presence.ts";
import { judgeQueues } from "./queues.ts";
import { judgeReadPositions } from "./read-positions.ts";
import { createRecoveryJudge, type Recoveries } from "./recovery.ts";
import { judgeSessions } from "./sessions.ts";
import { judgeUnread } from "./unread.ts";

export interface Verdict {
  readonly mode: string;
  readonly seed: number;
  readonly violations: readonly Violation[];
  /** Fault → how often it was healed. */
  readonly survived: ReadonlyMap<string, number>;
  readonly recoveries: ReadonlyMap<string, number>;
  readonly sent: number;
  readonly acknowledged: number;
  readonly seconds: number;
  readonly lines: number;
}

export interface Judging {
  take(entry: Entry): void;
  finish(): Verdict;
}

/** Judges a history that passes by line for line. */
export function startJudging(): Judging {
  const violations: Violation[] = [];
  const survived = new Map<string, number>();
  const recoveries: Recoveries = new Map();
  const ledger = new Ledger();
  const report = (invariant: number, text: string, ...lines: (number | undefined)[]) => {
    const shown = [...new Set(lines.filter((line) => line !== undefined && line > 0))] as number[];
    violations.push({ invariant, text, lines: shown.sort((a, b) => a - b) });
  };
  const judges = [
    judgeLog,
    judgeOrder,
    judgeDevices,
    judgeSessions,
    judgeOutcomes,
    judgeReadPositions,
    judgeUnread,
    judgePresence,
    judgeDirectory,
    createRecoveryJudge(recoveries),
    judgeQueues,
    judgeMembership,
    judgeCompleteness,
  ].map((create) => create(ledger, report));
  let line = 0;
  let lastTime = 0;
  let run = { mode: "unknown", seed: 0 };

  return {
    take(entry) {
      line += 1;
      lastTime = entry.t;
      if (entry.kind === "run") run = { mode: entry.mode, seed: entry.seed };
      if (entry.kind === "healed") survived.set(entry.fault, (survived.get(entry.fault) ?? 0) + 1);
      ledger.take(entry, line);
      for (const judge of judges) judge.take(entry, line);
    },
    finish() {
      for (const judge of judges) judge.finish();
      const sent = [...ledger.sent.values()];
      return {
        ...run,
        violations: violations.sort((a, b) => a.invariant - b.invariant),
        survived,
        recoveries,
        sent: sent.length,
        acknowledged: sent.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined).length,
        seconds: lastTime / 1000,
        lines: line,
      };
    },
  };
}
