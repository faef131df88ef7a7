import { readFileSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Verdict } from "./check/judge.ts";
import { describeFaults, describeRuns, type Result, resultOf } from "./check/result.ts";

/** Of what is looked into after a run; not part of the repository. */
export const chaosFolder = join(import.meta.dirname, "../../.chaos");
const resultsFolder = join(chaosFolder, "results");

/** Keeps what a run came to, beside those of other runs. Answers where. */
export async function keepResult(verdict: Verdict, run: string): Promise<string> {
  await mkdir(resultsFolder, { recursive: true });
  const at = new Date().toISOString().slice(0, 19).replaceAll(":", "");
  const file = join(resultsFolder, `${at}-${verdict.seed}.json`);
  await writeFile(file, `${JSON.stringify(resultOf(verdict, run), null, 2)}\n`);
  return file;
}

/** npm run chaos:table [-- FILE …]: sums kept results, all of them or those named, into tables in Markdown. */
if (import.meta.main) {
  const named = process.argv.slice(2);
  const kept = async () => (await readdir(resultsFolder)).sort().map((file) => join(resultsFolder, file));
  const files = named.length > 0 ? named : await kept().catch(() => []);
  if (files.length === 0) throw new Error(`There is no result in ${resultsFolder}.`);
  const results = files.map((file) => JSON.parse(readFileSync(file, "utf8")) as Result);
  console.log(
    `${describeRuns(results)}\n\n${describeFaults(results)}\n\n${files.map((file) => basename(file)).join(" ")}`,
  );
}
