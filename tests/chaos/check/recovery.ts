import type { Struck } from "../history.ts";
import type { CreateJudge } from "./invariant.ts";

/** From the end of the fault to the first acknowledgement, in milliseconds. */
const limits: Readonly<Record<Struck, number>> = {
  service: 5_000,
  cache: 5_000,
  postgres: 15_000,
  rabbitmq: 20_000,
  queue: 20_000,
  partition: 25_000,
  client: 25_000,
};

/** How long each kind of fault kept people waiting, at worst: fault → milliseconds. */
export type Recoveries = Map<string, number>;

/** 14: how soon somebody's message is acknowledged after a fault is healed. */
export function createRecoveryJudge(recoveries: Recoveries): CreateJudge {
  return (ledger, report) => {
    let healed: { fault: string; struck: Struck; t: number; line: number } | undefined;
    let sentLine: number | undefined;
    let last = { t: 0, line: 0 };

    function judgeWait(t: number, line: number, outcome: string): void {
      if (!healed) return;
      const waited = t - healed.t;
      const { fault, struck, line: healedLine } = healed;
      healed = undefined;
      if (waited <= limits[struck]) return;
      const seconds = (waited / 1000).toFixed(1);
      report(
        14,
        `after ${fault} the first acknowledgement ${outcome} ${seconds} s`,
        healedLine,
        sentLine,
        line,
      );
    }

    return {
      take(entry, line) {
        const { kind, t } = entry;
        last = { t, line };
        if (kind === "healed" || kind === "injected" || kind === "quiet" || kind === "end") {
          judgeWait(t, line, "had not come within");
        }
        if (kind === "healed") {
          healed = { fault: entry.fault, struck: entry.struck, t, line };
          sentLine = undefined;
        } else if (!healed) {
          return;
        } else if (kind === "sent") {
          sentLine ??= line;
        } else if (kind === "stored" && ledger.personOf.get(entry.device) === entry.message[2]) {
          recoveries.set(healed.fault, Math.max(t - healed.t, recoveries.get(healed.fault) ?? 0));
          judgeWait(t, line, "took");
        }
      },
      finish() {
        judgeWait(last.t, last.line, "had not come within");
      },
    };
  };
}
