import { parseArgs } from "node:util";
import { findMutant, mutantsOf } from "./armed/mutants.ts";
import { describeVerdict, describeViolations } from "./check/report.ts";
import { needsNamespace } from "./faults/faults.ts";
import { enterNamespace, namespaceVariable } from "./faults/firewall.ts";
import { huntMutants } from "./hunt-mutants.ts";
import { play } from "./play.ts";
import { keepResult } from "./results.ts";

/** npm run chaos -- --minutes 5 --mode embedded --faults kill,network --seed 7 */
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    mode: { type: "string", default: "embedded" },
    faults: { type: "string" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
    rate: { type: "string", default: "200" },
    calm: { type: "string", default: "3" },
    hurry: { type: "boolean", default: false },
    /** One of them. */
    mutant: { type: "string" },
    /** Several with commas between, or `all`: each is hunted in up to three runs. */
    mutants: { type: "string" },
  },
});

const onProgress = (text: string) => console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);
const seed = Number(values.seed);
const { mode, mutant } = values;
if (mode !== "embedded" && mode !== "stack") throw new Error("--mode is embedded or stack.");

const faults = values.faults ?? (mutant ? findMutant(mutant, mode).faults.join(",") : "all");

if (values.mutants !== undefined) {
  const names = values.mutants === "all" ? mutantsOf(mode) : values.mutants.split(",");
  const survivors = await huntMutants({ mode, names, seed, onProgress });
  console.log(`${names.length - survivors.length} of ${names.length} mutants were caught.`);
  if (survivors.length > 0) process.exitCode = 1;
} else if (mode === "stack" && needsNamespace(faults) && !process.env[namespaceVariable]) {
  process.exitCode = enterNamespace();
} else {
  const { verdict, historyFile } = await play({
    mode,
    seed,
    minutes: Number(values.minutes),
    faults,
    messagesPerSecond: Number(values.rate),
    calmSeconds: Number(values.calm),
    hurries: values.hurry,
    ...(mutant !== undefined && { mutant }),
    onProgress,
  });
  console.log(`\n${describeVerdict(verdict)}\n\nseed ${seed}, history ${historyFile}`);
  if (mutant === undefined) {
    const name = `\`--mode ${mode} --faults ${values.faults ?? "all"}${values.hurry ? " --hurry" : ""}\``;
    console.log(`result ${await keepResult(verdict, name)}`);
  }
  if (verdict.violations.length > 0) {
    console.log(`\n${await describeViolations(historyFile, verdict.violations)}`);
    process.exitCode = 1;
  }
}
