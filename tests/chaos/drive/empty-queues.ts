import { setTimeout as sleep } from "node:timers/promises";
import { writeDeadLetters } from "../faults/dead-letters.ts";
import type { HistoryWriter } from "../history-file.ts";
import type { System } from "../system/system.ts";

/** As long as the promise gives queues; the checker judges whether it was kept. */
const longestMs = 30_000;
const lookEveryMs = 500;

/** Watches the queues while nobody writes, until nothing is left in them, for 30 s at most, and writes down what is. */
export async function emptyQueues(system: System, history: HistoryWriter): Promise<void> {
  const began = history.now();
  for (;;) {
    const askedAt = history.now();
    const isLast = askedAt - began >= longestMs;
    const report = await system.report().catch((error: unknown) => {
      if (isLast) throw error;
    });
    if (report) {
      writeDeadLetters(history, report.deadLetters);
      const isEmpty = Object.values(report.depths).every((depth) => depth === 0);
      if (isEmpty || isLast) return history.write({ kind: "queues", askedAt, depths: report.depths });
    }
    await sleep(lookEveryMs);
  }
}
