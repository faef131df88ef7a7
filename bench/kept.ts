import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import type { Findings, Options } from "./scenario.ts";

const folder = new URL("results/", import.meta.url);

interface Results extends Required<Findings> {
  readonly names: readonly string[];
  readonly options: Options;
}

/** The raw results of a run, with the commit and the machine, in bench/results/; written anew with each scenario. */
export function startKeeping(run: Pick<Results, "names" | "options">) {
  mkdirSync(folder, { recursive: true });
  const at = new Date().toISOString();
  const file = new URL(`${at.replaceAll(":", "-")}.json`, folder);
  const processor = cpus();
  const machine = {
    processor: processor[0]?.model,
    cores: processor.length,
    memoryMb: Math.round(totalmem() / 1024 ** 2),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    load: loadavg(),
  };
  const about = { at, commit: commit(), machine, ...run };
  return {
    path: fileURLToPath(file),
    /** What was found out until now. */
    keep: (findings: Required<Findings>) =>
      writeFileSync(file, `${JSON.stringify({ ...about, ...findings }, null, 2)}\n`),
  };
}

/** What runs with the same options found out before, the newest first. */
export function readKept(options: Options): Results[] {
  mkdirSync(folder, { recursive: true });
  const same = JSON.stringify(options);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .reverse()
    .map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Results)
    .filter((kept) => JSON.stringify(kept.options) === same && Array.isArray(kept.figures));
}

function commit(): string {
  const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();
  try {
    return git("rev-parse", "HEAD") + (git("status", "--porcelain") ? " (changed)" : "");
  } catch {
    return "unknown";
  }
}
