import type { HistoryWriter } from "../history-file.ts";
import type { BusReport } from "../system/system.ts";

const uuid = /[0-9a-f]{8}-[0-9a-f-]{27}/;
/** Of each run, how often each was written down already: id → lines. */
const written = new WeakMap<Pick<HistoryWriter, "write">, Map<string, number>>();

/**
 * Writes down each dead letter, by the id of its event, or what looks like one in what is no event; one that the queues
 * hold twice twice, but not again each time that somebody looks. Answers which there are.
 */
export function writeDeadLetters(
  history: Pick<HistoryWriter, "write">,
  deadLetters: BusReport["deadLetters"],
): ReadonlySet<string> {
  const lines = written.get(history) ?? new Map<string, number>();
  written.set(history, lines);
  const held = new Map<string, number>();
  for (const { events, reason } of deadLetters) {
    for (const event of events) {
      const id = idOf(event);
      const count = (held.get(id) ?? 0) + 1;
      held.set(id, count);
      if (count <= (lines.get(id) ?? 0)) continue;
      lines.set(id, count);
      history.write({ kind: "deadLetter", id, reason });
    }
  }
  return new Set(lines.keys());
}

function idOf(event: unknown): string {
  return (event as { id?: string }).id ?? uuid.exec(JSON.stringify(event))?.[0] ?? "without an id";
}
