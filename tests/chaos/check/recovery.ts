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
    return {
      take(entry, line) {
        if (entry.kind === "healed") {
          healed = { fault: entry.fault, struck: entry.struck, t: entry.t, line };
          sentLine = undefined;
        } else if (entry.kind === "injected" || entry.kind === "quiet" || entry.kind === "end") {
          healed = undefined;
        } else if (!healed) {
          return;
        } else if (entry.kind === "sent") {
          sentLine ??= line;
        } else if (entry.kind === "stored" && ledger.personOf.get(entry.device) === entry.message[2]) {
          const waited = entry.t - healed.t;
          recoveries.set(healed.fault, Math.max(waited, recoveries.get(healed.fault) ?? 0));
          if (waited > limits[healed.struck]) {
            const seconds = (waited / 1000).toFixed(1);
            report(
              14,
              `after ${healed.fault} the first acknowledgement took ${seconds} s`,
              healed.line,
              sentLine,
              line,
            );
          }
          healed = undefined;
        }
      },
      finish() {},
    };
  };
}
