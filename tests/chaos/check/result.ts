import { incomplete } from "./invariant.ts";
import type { Verdict } from "./judge.ts";

interface FaultResult {
  readonly survived: number;
  /** The longest wait for an acknowledgement after it, in milliseconds. */
  readonly slowestMs?: number;
}

/** What a run came to, as it is kept to be summed with others. */
export interface Result {
  readonly run: string;
  readonly seed: number;
  readonly minutes: number;
  readonly sent: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
  readonly reordered: number;
  readonly holes: number;
  /** Of the other invariants, and what the history lacks. */
  readonly other: number;
  readonly isIncomplete: boolean;
  readonly faults: Readonly<Record<string, FaultResult>>;
}

type Count = "minutes" | "sent" | "acknowledged" | "lost" | "doubled" | "reordered" | "holes" | "other";

/** `run` names it in tables. */
export function resultOf(verdict: Verdict, run = verdict.mode): Result {
  const count = (...numbers: number[]) =>
    verdict.violations.filter(({ invariant }) => numbers.includes(invariant)).length;
  const named = { lost: count(1), doubled: count(3), reordered: count(5, 6), holes: count(4, 7) };
  const others = Object.values(named).reduce((sum, number) => sum + number, 0);
  return {
    run,
    seed: verdict.seed,
    minutes: verdict.seconds / 60,
    sent: verdict.sent,
    acknowledged: verdict.acknowledged,
    ...named,
    other: verdict.violations.length - others,
    isIncomplete: count(incomplete) > 0,
    faults: Object.fromEntries(
      Array.from(verdict.survived, ([fault, survived]) => {
        const slowestMs = verdict.recoveries.get(fault);
        return [fault, { survived, ...(slowestMs !== undefined && { slowestMs }) }];
      }),
    ),
  };
}

/** A Markdown table with a row for each run, and one for all of them where there are several. */
export function describeRuns(results: readonly Result[]): string {
  const rows = results.map((result) => {
    const name = result.isIncomplete ? `${result.run} (incomplete)` : result.run;
    return row(name, result.seed, (count) => result[count], survivedOf(result));
  });
  if (results.length > 1) {
    const survived = results.reduce((sum, result) => sum + survivedOf(result), 0);
    const sum = (count: Count) => results.reduce((total, result) => total + result[count], 0);
    rows.push(row("**all**", "", sum, survived));
  }
  return [
    "| run | seed | minutes | faults survived | sent | acknowledged | lost | doubled | reordered | holes | other violations |",
    "|---|---|---|---|---|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

/** A Markdown table of the kinds of faults, over all runs. */
export function describeFaults(results: readonly Result[]): string {
  const all = Map.groupBy(
    results.flatMap(({ faults }) => Object.entries(faults)),
    ([fault]) => fault,
  );
  const rows = Array.from(all, ([fault, each]) => {
    const survived = each.reduce((sum, [, result]) => sum + result.survived, 0);
    const waits = each.flatMap(([, { slowestMs }]) => slowestMs ?? []);
    const slowest = waits.length > 0 ? `${(Math.max(...waits) / 1000).toFixed(1)} s` : "–";
    return `| \`${fault}\` | ${survived} | ${slowest} |`;
  });
  return ["| fault | survived | slowest recovery |", "|---|---|---|", ...rows].join("\n");
}

function survivedOf({ faults }: Result): number {
  return Object.values(faults).reduce((sum, { survived }) => sum + survived, 0);
}

function row(run: string, seed: number | string, count: (count: Count) => number, survived: number): string {
  const number = (name: Count) => count(name).toLocaleString("en-US");
  const violations = (["lost", "doubled", "reordered", "holes", "other"] as const).map(number);
  const cells = [run, seed, count("minutes").toFixed(1), survived, number("sent"), number("acknowledged")];
  return `| ${[...cells, ...violations].join(" | ")} |`;
}
