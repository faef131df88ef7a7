import type { HistoryWriter } from "../history-file.ts";
import type { BusReport } from "../system/system.ts";

const uuid = /[0-9a-f]{8}-[0-9a-f-]{27}/;
/** Of each run, what was written down already. */
const written = new WeakMap<HistoryWriter, Set<string>>();

/** Writes down each dead letter once, by the id of its event, or what looks like one in what is no event. */
export function writeDeadLetters(history: HistoryWriter, { deadLetters }: BusReport): ReadonlySet<string> {
  const known = written.get(history) ?? new Set();
  written.set(history, known);
  for (const { events, reason } of deadLetters) {
    for (const event of events) {
      const id = (event as { id?: string }).id ?? uuid.exec(JSON.stringify(event))?.[0] ?? "without an id";
      if (known.has(id)) continue;
      known.add(id);
      history.write({ kind: "deadLetter", id, reason });
    }
  }
  return known;
}
