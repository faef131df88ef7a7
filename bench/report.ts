import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import type { EmbeddedFigures } from "./embedded.ts";
import type { Measurement } from "./load/measure.ts";
import type { Memory } from "./processes.ts";
import type { StackFigures } from "./stack.ts";
import type { FirstLoad } from "./web-size.ts";

export interface Results {
  readonly options: Readonly<Record<string, number>>;
  readonly relay?: Measurement;
  readonly embedded?: EmbeddedFigures;
  readonly stack?: StackFigures;
  readonly web?: FirstLoad | undefined;
}

/** Writes the raw results with the commit and the machine into bench/results/. Returns the path. */
export async function keepResults(results: Results): Promise<string> {
  const folder = new URL("results/", import.meta.url);
  await mkdir(folder, { recursive: true });
  const at = new Date().toISOString();
  const file = new URL(`${at.replaceAll(":", "-")}.json`, folder);
  const processor = cpus();
  const machine = {
    processor: processor[0]?.model,
    cores: processor.length,
    memoryMb: Math.round(totalmem() / 1024 ** 2),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  };
  await writeFile(file, `${JSON.stringify({ at, commit: commit(), machine, ...results }, null, 2)}\n`);
  return fileURLToPath(file);
}

function commit(): string {
  const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();
  try {
    return git("rev-parse", "HEAD") + (git("status", "--porcelain") ? " (changed)" : "");
  } catch {
    return "unknown";
  }
}

/** The tables that are printed. */
export function describeResults({ relay, embedded, stack, web }: Results): string {
  const runs: [string, Measurement | undefined][] = [
    ["relay, nothing stored", relay],
    ["embedded", embedded?.busy],
    ["embedded, calm", embedded?.calm],
    ["stack", stack?.busy],
    ["stack, calm", stack?.calm],
  ];
  const rows = runs.flatMap(([name, run]) => (run ? [measurementRow(name, run, relay)] : []));
  const figures = [
    ...(embedded ? embeddedRows(embedded) : []),
    ...(stack ? stackRows(stack) : []),
    ...(web ? [webRow(web)] : []),
  ];
  const head = ["", "msg/s", "p50 ms", "p99 ms", "of relay", "CPU (cores)", "rejected", "lost", "repeated"];
  return [table([head, ...rows]), ...(figures.length > 0 ? ["", table(figures)] : [])].join("\n");
}

function measurementRow(name: string, run: Measurement, relay: Measurement | undefined): string[] {
  const cpu = Object.entries(run.cpu)
    .filter(([, share]) => share >= 0.005)
    .map(([program, share]) => `${program} ${share.toFixed(2)}`);
  return [
    name,
    Math.round(run.perSecond).toLocaleString("en"),
    run.p50.toFixed(1),
    run.p99.toFixed(1),
    relay ? (run.perSecond / relay.perSecond).toFixed(2) : "",
    cpu.join(", "),
    String(Object.values(run.rejected).reduce((sum, count) => sum + count, 0)),
    String(run.lost),
    String(run.repeated),
  ];
}

function embeddedRows(figures: EmbeddedFigures): string[][] {
  const rows = [
    ["first start to ready", `${(figures.firstStartMs / 1_000).toFixed(2)} s`],
    ["later start to ready", `${(figures.laterStartMs / 1_000).toFixed(2)} s`],
    ["sign-ups", `${figures.signUpsPerSecond.toFixed(1)} a second`],
  ];
  return [
    ...rows,
    ...memoryRow("memory at rest", figures.memoryAtRest),
    ...memoryRow("memory after the load", figures.memoryAfter),
  ];
}

function stackRows(figures: StackFigures): string[][] {
  return [
    ["stack: start to ready", `${(figures.readyAfterMs / 1_000).toFixed(2)} s`],
    ["stack: sign-ups", `${figures.signUpsPerSecond.toFixed(1)} a second`],
    ...Object.entries(figures.memoryAtRest).flatMap(([part, memory]) =>
      memoryRow(`stack: memory at rest, ${part}`, memory),
    ),
    ...memoryRow("stack: memory after the load", figures.memoryAfter),
  ];
}

function memoryRow(what: string, memory: Memory | undefined): string[][] {
  if (!memory) return [];
  const { pss, rss, processes } = memory;
  return [[what, `${pss.toFixed(0)} MB PSS (${rss.toFixed(0)} MB RSS, ${processes} processes)`]];
}

function webRow(web: FirstLoad): string[] {
  const amount = `${web.gzip.toFixed(1)} kB gzip, ${web.brotli.toFixed(1)} kB brotli (${web.files} files)`;
  return ["web client, first load", amount];
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
