import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { incomplete, invariants, type Violation } from "./invariant.ts";
import type { Verdict } from "./judge.ts";
import { describeFaults, describeRuns, resultOf } from "./result.ts";

const shownPerInvariant = 3;
const maxLineLength = 240;

/** Lines of a file by their number, from 1. */
async function readLines(path: string, wanted: ReadonlySet<number>): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    number += 1;
    if (wanted.has(number)) found.set(number, line);
  }
  return found;
}

/** Each violated invariant with its first violations, those with the smallest windows first. */
export async function describeViolations(path: string, violations: readonly Violation[]): Promise<string> {
  if (violations.length === 0) return "";
  const groups = Array.from(
    Map.groupBy(violations, ({ invariant }) => invariant),
    ([invariant, all]) => ({
      invariant,
      count: all.length,
      shown: all.toSorted((a, b) => windowOf(a) - windowOf(b)).slice(0, shownPerInvariant),
    }),
  );
  const wanted = new Set(groups.flatMap(({ shown }) => shown.flatMap(({ lines }) => lines)));
  const texts = await readLines(path, wanted);
  return groups
    .map(({ invariant, count, shown }) => {
      const head =
        invariant === incomplete
          ? `Incomplete in ${count} places: ${invariants[incomplete]}.`
          : `Invariant ${invariant} is violated ${count} times: ${invariants[invariant]}.`;
      const examples = shown.map(({ text, lines }) => {
        const window = lines.map((line) => `      line ${line}: ${shorten(texts.get(line) ?? "")}`);
        return [`  - ${text}`, ...window].join("\n");
      });
      return [head, ...examples].join("\n");
    })
    .join("\n\n");
}

function windowOf({ lines }: Violation): number {
  return (lines.at(-1) ?? 0) - (lines[0] ?? 0);
}

function shorten(text: string): string {
  return text.length > maxLineLength ? `${text.slice(0, maxLineLength)}…` : text;
}

/** In Markdown: what the run survived, as a row, and by kind of fault. An incomplete history proves neither. */
export function describeVerdict(verdict: Verdict): string {
  const result = resultOf(verdict);
  const isIncomplete = verdict.violations.some(({ invariant }) => invariant === incomplete);
  return [
    ...(isIncomplete ? ["**Incomplete**: the history lacks what it would be judged by."] : []),
    ...(verdict.violations.length === 0 ? ["The history is complete, and every invariant holds."] : []),
    describeRuns([result]),
    ...(verdict.survived.size > 0 ? [describeFaults([result])] : []),
  ].join("\n\n");
}
