import { sumOf } from "./counts.ts";
import { judgeGoals } from "./goals.ts";
import { besideName, namesBeside } from "./load/loads.ts";
import type { Measurement } from "./load/measure.ts";
import type { Figure, Findings } from "./scenario.ts";

/** The tables that are printed. `kept`: earlier findings, the newest first, to compare with. `whole`: with every goal. */
export function describeResults(
  { loads = {}, figures = [], notes = [] }: Findings,
  kept: readonly Findings[],
  whole = false,
): string {
  const loadRows = Object.entries(loads).map(([name, run]) =>
    loadRow(name, run, loads, kept.find((earlier) => earlier.loads?.[name])?.loads?.[name]),
  );
  const cpuRows = Object.entries(loads).map(([name, run]) => [name, cpuOf(run)]);
  const figureRows = figures.map((figure) => {
    const same = ({ what }: Figure) => what === figure.what;
    const earlier = kept.find((findings) => findings.figures?.some(same))?.figures?.find(same);
    return [figure.what, amount(figure.value), figure.unit, change(figure.value, earlier?.value)];
  });
  const loadHead = ["", "msg/s", "before", "p50 ms", "p99", "before", "p99.9", "of relay", "of ejabberd"];
  return [
    table([[...loadHead, "refused", "lost", "repeated"], ...loadRows]),
    table([["CPU a message, µs", ""], ...cpuRows]),
    table([["", "", "", "before"], ...figureRows]),
    table([["", "", "goal", "limit", "verdict"], ...judgeGoals({ loads, figures }, whole)]),
    ...notes,
  ]
    .filter((part) => part.includes("\n") || notes.includes(part))
    .join("\n\n");
}

function loadRow(name: string, run: Measurement, loads: Findings["loads"], earlier?: Measurement): string[] {
  const [driven, load] = [name.slice(0, name.indexOf(", ")), name.slice(name.indexOf(", "))];
  const [itself, beside] = namesBeside(driven);
  const of = (subject: string) => {
    const other = loads?.[(subject === beside ? besideName(subject, itself) : subject) + load];
    // Of an open loop the clock says how many there are, for both.
    return other && !load.endsWith("/s") && !name.startsWith(subject)
      ? (run.perSecond / other.perSecond).toFixed(2)
      : "";
  };
  return [
    name,
    Math.round(run.perSecond).toLocaleString("en"),
    change(run.perSecond, earlier?.perSecond),
    run.p50.toFixed(1),
    run.p99.toFixed(1),
    change(run.p99, earlier?.p99),
    run.p999.toFixed(1),
    of("relay"),
    of("ejabberd"),
    String(sumOf(run.rejected)),
    String(run.lost),
    String(run.repeated),
  ];
}

function cpuOf({ cpu, perSecond }: Measurement): string {
  return Object.entries(cpu)
    .map(([program, share]): [string, number] => [program, Math.round((share * 1e6) / perSecond)])
    .filter(([, each]) => each > 0)
    .map(([program, each]) => `${program} ${each}`)
    .join(", ");
}

/** Such as `+12 %`; nothing where there is nothing to compare with. */
function change(value: number, earlier: number | undefined): string {
  if (earlier === undefined || !earlier) return "";
  const percent = Math.round((value / earlier - 1) * 100);
  return `${percent < 0 ? "" : "+"}${percent} %`;
}

function amount(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return value.toFixed(Number.isInteger(value) ? 0 : 2);
}

function table(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
