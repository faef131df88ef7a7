import { type CreateJudge, incomplete } from "./invariant.ts";
import { isSeeing, messagesOf } from "./ledger.ts";

/** 1 to 4: what stands in the logs, as every observer saw it at every time. */
export const judgeLog: CreateJudge = (ledger, report) => {
  return {
    take(entry, line) {
      if (!isSeeing(entry)) return;
      const { conversation } = entry;
      const places = ledger.logs.get(conversation)?.places;
      for (const [seq, id, senderId, hash] of messagesOf(entry)) {
        const sent = ledger.sent.get(id);
        if (!sent || sent.conversation !== conversation || sent.person !== senderId) {
          report(2, `${id} at ${seq} was not sent by ${senderId} in ${conversation}`, sent?.sentLine, line);
          continue;
        }
        if (sent.hash !== hash) report(1, `${id} has other bytes than were sent`, sent.sentLine, line);
        if (sent.seq !== seq) {
          report(3, `${id} is at ${sent.seq} and at ${seq}`, sent.sentLine, sent.seqLine, line);
        }
        const place = places?.[seq];
        if (place && place.id !== id) {
          report(4, `position ${seq} of ${conversation} is ${place.id} and ${id}`, place.line, line);
        }
      }
    },
    finish() {
      for (const [conversation, { members, finals }] of ledger.logs) {
        for (const person of members) {
          const final = finals.get(person);
          if (!final) {
            report(incomplete, `the history of ${conversation} was not read by ${person} at the end`);
            continue;
          }
          const { messages, headSeq, line } = final;
          const hole = messages.findIndex(([seq], index) => seq !== index + 1);
          if (hole >= 0) report(4, `${conversation} has a hole before ${hole + 1}`, line);
          if (hole < 0 && messages.length !== headSeq) {
            report(4, `${conversation} has ${messages.length} messages and the head ${headSeq}`, line);
          }
        }
      }
      const counts = countInFinals();
      for (const sent of ledger.sent.values()) {
        if (sent.acknowledgedAt === undefined) continue;
        for (const person of ledger.logs.get(sent.conversation)?.members ?? []) {
          const final = ledger.logs.get(sent.conversation)?.finals.get(person);
          // What nobody read is not lost, and not there either: the history is incomplete.
          if (!final) continue;
          const count = counts.get(person)?.get(sent.id) ?? 0;
          if (count === 1) continue;
          report(
            count === 0 ? 1 : 3,
            `${sent.id} was acknowledged and is ${count} times in the history of ${person}`,
            sent.sentLine,
            sent.acknowledgedLine,
            final.line,
          );
        }
      }
    },
  };

  /** Person → id → how often. */
  function countInFinals(): Map<string, Map<string, number>> {
    const counts = new Map<string, Map<string, number>>();
    for (const { finals } of ledger.logs.values()) {
      for (const [person, { messages }] of finals) {
        const byId = counts.get(person) ?? new Map<string, number>();
        counts.set(person, byId);
        for (const [, id] of messages) byId.set(id, (byId.get(id) ?? 0) + 1);
      }
    }
    return counts;
  }
};
