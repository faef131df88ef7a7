import { createReadStream, existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { startJudging, type Verdict } from "./check/judge.ts";
import { describeVerdict, describeViolations } from "./check/report.ts";
import type { Entry } from "./history.ts";

/** Judges a history file. It knows nothing of the run but that file. */
export async function checkHistory(path: string): Promise<Verdict> {
  const judging = startJudging();
  for await (const line of createInterface({ input: createReadStream(path) })) {
    judging.take(JSON.parse(line) as Entry);
  }
  return judging.finish();
}

if (import.meta.main) {
  const [path] = process.argv.slice(2);
  if (path === undefined || !existsSync(path)) {
    console.error(
      path === undefined ? "Name a history: npm run chaos:check -- FILE" : `There is no file ${path}.`,
    );
    process.exit(1);
  }
  const began = performance.now();
  const verdict = await checkHistory(path);
  console.log(describeVerdict(verdict));
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`\n${verdict.lines} lines were judged in ${seconds} s.`);
  if (verdict.violations.length > 0) {
    console.log(`\n${await describeViolations(path, verdict.violations)}`);
    process.exitCode = 1;
  }
}
