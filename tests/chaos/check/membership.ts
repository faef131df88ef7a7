import type { CreateJudge } from "./invariant.ts";

/** 16: who gets frames of which conversation. */
export const judgeMembership: CreateJudge = (ledger, report) => {
  /** Device → ids of what it tried to send. */
  const tried = new Map<string, Set<string>>();

  return {
    take(entry, line) {
      const { kind } = entry;
      if (kind === "sent") {
        const ofDevice = tried.get(entry.device) ?? new Set();
        tried.set(entry.device, ofDevice.add(entry.id));
      } else if (kind === "rejected") {
        if (tried.get(entry.device)?.has(entry.id)) return;
        report(16, `${entry.device} got the refusal of ${entry.id}, which it never sent`, line);
      } else if (
        kind === "stored" ||
        kind === "head" ||
        kind === "read" ||
        kind === "page" ||
        kind === "frame"
      ) {
        const { device, conversation } = entry;
        const person = ledger.personOf.get(device);
        if (ledger.isMember(conversation, person)) return;
        const what = kind === "frame" ? entry.type : kind;
        report(16, `${device} of ${person} got a ${what} of ${conversation}`, line);
      }
    },
    finish() {},
  };
};
