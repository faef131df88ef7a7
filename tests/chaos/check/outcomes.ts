import type { CreateJudge } from "./invariant.ts";
import { isSeeing, messagesOf } from "./ledger.ts";

/** These speak of one attempt, not of the message. */
const transientCodes: ReadonlySet<string> = new Set(["BUSY", "RATE_LIMITED"]);

/** 9 and 10: every send is answered in the end, with one message or with a refusal that stays one. */
export const judgeOutcomes: CreateJudge = (ledger, report) => {
  /** Device → id → line of the send that nobody has answered. */
  const unanswered = new Map<string, Map<string, number>>();
  const refused = new Map<string, number>();

  function answered(device: string, id: string): void {
    unanswered.get(device)?.delete(id);
  }

  function expectAnswers(line: number): void {
    for (const [device, ofDevice] of unanswered) {
      for (const [id, sentLine] of ofDevice) {
        report(9, `${device} sent ${id} and was told nothing until all was quiet`, sentLine, line);
      }
      ofDevice.clear();
    }
  }

  return {
    take(entry, line) {
      if (entry.kind === "sent") {
        const ofDevice = unanswered.get(entry.device) ?? new Map<string, number>();
        unanswered.set(entry.device, ofDevice);
        if (!ofDevice.has(entry.id)) ofDevice.set(entry.id, line);
      } else if (entry.kind === "rejected") {
        answered(entry.device, entry.id);
        if (transientCodes.has(entry.code)) return;
        if (!ledger.bad.has(entry.id)) {
          const { sentLine } = ledger.sent.get(entry.id) ?? {};
          report(10, `${entry.id} was refused (${entry.code}) and nothing is wrong with it`, sentLine, line);
        }
        if (entry.code !== "CLIENT_ID_REUSED") refused.set(entry.id, line);
      } else if (isSeeing(entry)) {
        for (const [, id] of messagesOf(entry)) {
          if ("device" in entry) answered(entry.device, id);
          if (refused.has(id)) report(10, `${id} was refused, and appears`, refused.get(id), line);
        }
      } else if (entry.kind === "settled") expectAnswers(line);
    },
    finish() {
      const stored = new Map<string, ReadonlySet<string>>();
      for (const { id, conversation, sentLine } of ledger.sent.values()) {
        if (refused.has(id)) continue;
        const final = ledger.finalOf(conversation);
        if (!final) continue;
        const ids = stored.get(conversation) ?? new Set(final.messages.map(([, storedId]) => storedId));
        stored.set(conversation, ids);
        if (!ids.has(id)) {
          report(9, `${id} was sent until it was answered, and is not in the history`, sentLine, final.line);
        }
      }
    },
  };
};
