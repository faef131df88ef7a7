import { parseArgs } from "node:util";
import { findMutant, mutantsOf } from "./armed/mutants.ts";
import { describeVerdict, describeViolations } from "./check/report.ts";
import { chooseFaults, needsNamespace } from "./faults/faults.ts";
import { enterNamespace, namespaceVariable } from "./faults/firewall.ts";
import { huntMutants } from "./hunt-mutants.ts";
import { play } from "./play.ts";
import { keepResult } from "./results.ts";

const usage = `Usage: npm run chaos -- [--mode embedded|stack] [--faults all|crashes|kills|none|NAME[*TIMES],…]
  [--minutes N] [--seed N] [--rate N] [--calm N] [--hurry] [--mutant NAME | --mutants all|NAME,…]
Each fault named is struck once, or so many TIMES, however long that takes; then others at random until N minutes are over
(default 1). --rate: messages a second (200). --calm: seconds between faults (3). --hurry: the next one at once.`;

const { mode, minutes, rate, calm, seed, hurry, mutant, mutants: hunted, faults } = readOptions();

const onProgress = (text: string) => console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);
if (hunted !== undefined) {
  const names = hunted === "all" ? mutantsOf(mode) : hunted.split(",");
  const survivors = await huntMutants({ mode, names, seed, onProgress });
  console.log(`${names.length - survivors.length} of ${names.length} mutants were caught.`);
  if (survivors.length > 0) process.exitCode = 1;
} else if (mode === "stack" && needsNamespace(faults) && !process.env[namespaceVariable]) {
  process.exitCode = enterNamespace();
} else {
  const { verdict, historyFile } = await play({
    mode,
    seed,
    minutes,
    faults,
    messagesPerSecond: rate,
    calmSeconds: calm,
    hurries: hurry,
    ...(mutant !== undefined && { mutant }),
    onProgress,
  });
  console.log(`\n${describeVerdict(verdict)}\n\nseed ${seed}, history ${historyFile}`);
  if (mutant === undefined) {
    const name = `\`--mode ${mode} --faults ${faults}${hurry ? " --hurry" : ""}\``;
    console.log(`result ${await keepResult(verdict, name)}`);
  }
  if (verdict.violations.length > 0) {
    console.log(`\n${await describeViolations(historyFile, verdict.violations)}`);
    process.exitCode = 1;
  }
}

/** Ends the process where they cannot be used. */
function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        mode: { type: "string", default: "embedded" },
        faults: { type: "string" },
        minutes: { type: "string", default: "1" },
        seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
        rate: { type: "string", default: "200" },
        calm: { type: "string", default: "3" },
        hurry: { type: "boolean", default: false },
        mutant: { type: "string" },
        mutants: { type: "string" },
      },
    });
    const { mode, mutant } = values;
    if (mode !== "embedded" && mode !== "stack") throw new Error("--mode is embedded or stack.");
    const faults = values.faults ?? (mutant ? findMutant(mutant, mode).faults.join(",") : "all");
    chooseFaults(mode, faults);
    return {
      ...values,
      mode: mode as "embedded" | "stack",
      faults,
      minutes: numberOf("minutes", values.minutes),
      seed: numberOf("seed", values.seed),
      rate: numberOf("rate", values.rate),
      calm: numberOf("calm", values.calm),
    };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(1);
  }
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (text === "" || !(number >= 0)) throw new Error(`--${name} is a number, not ${text}.`);
  return number;
}
