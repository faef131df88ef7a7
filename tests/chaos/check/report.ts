import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { invariants, type Violation } from "./invariant.ts";
import type { Verdict } from "./judge.ts";

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
      const head = `Invariant ${invariant} is violated ${count} times: ${invariants[invariant]}.`;
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

/** What a run came to, as a row of numbers. */
interface Figures {
  readonly minutes: number;
  readonly faults: number;
  readonly sent: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
  readonly reordered: number;
  readonly holes: number;
  readonly other: number;
}

function figuresOf(verdict: Verdict): Figures {
  const count = (...numbers: number[]) =>
    verdict.violations.filter(({ invariant }) => numbers.includes(invariant)).length;
  const named = { lost: count(1), doubled: count(3), reordered: count(5, 6), holes: count(4, 7) };
  const others = Object.values(named).reduce((sum, number) => sum + number, 0);
  return {
    minutes: verdict.seconds / 60,
    faults: [...verdict.survived.values()].reduce((sum, number) => sum + number, 0),
    sent: verdict.sent,
    acknowledged: verdict.acknowledged,
    ...named,
    other: verdict.violations.length - others,
  };
}

/** A Markdown table of what the run survived. */
export function describeVerdict(verdict: Verdict): string {
  const figures = figuresOf(verdict);
  const cells = Object.values(figures).map((number) =>
    Number.isInteger(number) ? number : number.toFixed(1),
  );
  const rows = [
    `| minutes | faults survived | sent | acknowledged | lost | doubled | reordered | holes | other violations |`,
    `|---|---|---|---|---|---|---|---|---|`,
    `| ${cells.join(" | ")} |`,
  ];
  if (verdict.survived.size > 0) {
    rows.push("", "| fault | survived | slowest recovery |", "|---|---|---|");
    for (const [fault, times] of verdict.survived) {
      const slowest = verdict.recoveries.get(fault);
      rows.push(
        `| ${fault} | ${times} | ${slowest === undefined ? "–" : `${(slowest / 1000).toFixed(1)} s`} |`,
      );
    }
  }
  return rows.join("\n");
}
