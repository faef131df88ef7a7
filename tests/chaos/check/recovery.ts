import type { Entry, Struck } from "../history.ts";
import type { CreateJudge } from "./invariant.ts";
import { isSeeing, messagesOf } from "./ledger.ts";
import { Waits } from "./waits.ts";

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

interface Healed {
  readonly fault: string;
  readonly struck: Struck;
  readonly t: number;
  readonly line: number;
  isAnybodyAnswered: boolean;
}

/**
 * 14: how soon a message is acknowledged after a fault is healed: somebody's, and then one of each conversation and of each
 * device that waits for it, so that one stuck partition or node is seen among others that go on.
 */
export function createRecoveryJudge(recoveries: Recoveries): CreateJudge {
  return (ledger, report) => {
    const waits = new Waits();
    let healed: Healed | undefined;
    let last = { t: 0, line: 0 };
    /**
     * So long the fault before this one may keep people waiting: that a binding is gone may stay unnoticed for 10 s, and what
     * waits for it is allowed 20 s.
     */
    let mayLastUntil = 0;

    function judgeWait(who: string, waitedMs: number, outcome: string, ...lines: number[]): void {
      if (!healed) return;
      if (outcome === "took") {
        recoveries.set(healed.fault, Math.max(waitedMs, recoveries.get(healed.fault) ?? 0));
      }
      if (waitedMs <= limits[healed.struck] || last.t <= mayLastUntil) return;
      const seconds = (waitedMs / 1000).toFixed(1);
      report(
        14,
        `after ${healed.fault} the first acknowledgement of ${who} ${outcome} ${seconds} s`,
        ...lines,
      );
    }

    function giveUpOnAnybody(): void {
      if (!healed || healed.isAnybodyAnswered) return;
      healed.isAnybodyAnswered = true;
      judgeWait("anybody", last.t - healed.t, "had not come within", healed.line, last.line);
    }

    /** Whoever waits now has not been answered since. */
    function giveUp(): void {
      if (!healed) return;
      giveUpOnAnybody();
      for (const { who, since, line } of waits.all()) {
        judgeWait(who, last.t - since, "had not come within", healed.line, line, last.line);
      }
      mayLastUntil = Math.max(mayLastUntil, healed.t + limits[healed.struck]);
      healed = undefined;
      waits.stop();
    }

    function answered(id: string): void {
      const over = waits.answered(id);
      if (!healed) return;
      if (!healed.isAnybodyAnswered) {
        healed.isAnybodyAnswered = true;
        judgeWait("anybody", last.t - healed.t, "took", healed.line, last.line);
      }
      for (const { who, since, line } of over) {
        judgeWait(who, last.t - since, "took", healed.line, line, last.line);
      }
    }

    /** Its next connection counts anew, so who has waited for too long is judged before. */
    function hungUp(device: string): void {
      const over = waits.lost(device);
      if (!healed) return;
      const outcome = `had not come when ${device} hung up, after`;
      for (const { who, since, line } of over) {
        judgeWait(who, last.t - since, outcome, healed.line, line, last.line);
      }
    }

    function isAcknowledging(id: string, line: number): boolean {
      return ledger.sent.get(id)?.acknowledgedLine === line;
    }

    function observe(entry: Entry, line: number): void {
      if (entry.kind === "sent" && !entry.bad) {
        if (ledger.sent.get(entry.id)?.acknowledgedAt === undefined) waits.sent(entry, line);
      } else if (entry.kind === "closed" && entry.socket === "chat") hungUp(entry.device);
      else if (isSeeing(entry)) {
        for (const [, id] of messagesOf(entry)) if (isAcknowledging(id, line)) answered(id);
      }
    }

    return {
      take(entry, line) {
        const { kind, t } = entry;
        last = { t, line };
        observe(entry, line);
        if (kind === "quiet") giveUpOnAnybody();
        else if (kind === "injected" || kind === "end") giveUp();
        else if (kind === "settled") {
          giveUp();
          // Everybody has everything.
          mayLastUntil = 0;
        } else if (kind === "healed") {
          giveUp();
          const { fault, struck } = entry;
          healed = { fault, struck, t, line, isAnybodyAnswered: false };
          waits.start(t);
        }
      },
      finish: giveUp,
    };
  };
}
