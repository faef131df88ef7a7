import type { CreateJudge } from "./invariant.ts";

/** 16: who gets frames of which conversation. */
export const judgeMembership: CreateJudge = (ledger, report) => ({
  take(entry, line) {
    const { kind } = entry;
    if (kind !== "stored" && kind !== "head" && kind !== "read" && kind !== "page") return;
    const { device, conversation } = entry;
    if (!ledger.isMember(conversation, ledger.personOf.get(device))) {
      report(16, `${device} of ${ledger.personOf.get(device)} got a ${kind} of ${conversation}`, line);
    }
  },
  finish() {},
});
