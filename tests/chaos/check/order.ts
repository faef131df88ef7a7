import type { CreateJudge } from "./invariant.ts";
import type { Ledger, Sent } from "./ledger.ts";

/** 5 and 6: real time between people, and the order of one device. */
export const judgeOrder: CreateJudge = (ledger, report) => ({
  take() {},
  finish() {
    for (const sent of byConversation(ledger).values()) {
      for (const [earlier, later] of acknowledgedBefore(sent)) {
        report(
          5,
          `${later.id} was sent after ${earlier.id} was acknowledged, and is at ${later.seq} before ${earlier.seq}`,
          earlier.sentLine,
          earlier.acknowledgedLine,
          later.sentLine,
          later.seqLine,
        );
      }
      for (const ofDevice of Map.groupBy(sent, ({ device }) => device).values()) {
        for (const [index, later] of ofDevice.entries()) {
          const earlier = ofDevice[index - 1];
          if (!earlier || earlier.seq! < later.seq!) continue;
          report(
            6,
            `${later.device} sent ${earlier.id} before ${later.id}, and they are at ${earlier.seq} and ${later.seq}`,
            earlier.sentLine,
            later.sentLine,
            earlier.seqLine,
            later.seqLine,
          );
        }
      }
    }
  },
});

/** What was stored, in the order in which it was first sent. */
function byConversation(ledger: Ledger): Map<string, Sent[]> {
  const stored = [...ledger.sent.values()].filter(({ seq }) => seq !== undefined);
  return Map.groupBy(stored, ({ conversation }) => conversation);
}

/** Pairs of which the second was sent after the first was acknowledged, and yet has a lower position. */
function* acknowledgedBefore(sent: readonly Sent[]): Generator<[Sent, Sent]> {
  const acknowledged = sent
    .filter(({ acknowledgedAt }) => acknowledgedAt !== undefined)
    .sort((a, b) => a.acknowledgedAt! - b.acknowledgedAt!);
  let highest: Sent | undefined;
  let next = 0;
  for (const later of sent) {
    for (; next < acknowledged.length && acknowledged[next]!.acknowledgedAt! < later.sentAt; next++) {
      if (!highest || acknowledged[next]!.seq! > highest.seq!) highest = acknowledged[next];
    }
    if (highest && later.seq! < highest.seq!) yield [highest, later];
  }
}
