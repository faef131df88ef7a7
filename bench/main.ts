import { parseArgs } from "node:util";
import { listenForInterruption } from "./interruption.ts";
import { readKept, startKeeping } from "./kept.ts";
import { describeResults } from "./report.ts";
import type { Figure, Findings, Options, Run } from "./scenario.ts";
import { onStack, scenarios } from "./scenarios.ts";
import { SharedStack } from "./shared-stack.ts";

/** What the goals are meant for. */
const defaults = { seconds: 3, pairs: 200, window: 4, scale: 1 };

const usage = `npm run bench -- [${Object.keys(scenarios).join("] [")}]
  --seconds ${defaults.seconds}    how long each load is measured
  --pairs ${defaults.pairs}    of people: one of each sends to the other
  --window ${defaults.window}     messages that each pair has under way, of the load "busy"
  --scale ${defaults.scale}      how many of the rows, sockets and people that a measurement takes
Without a name all are run. Raw results are kept in bench/results/; bench/README.md says what is measured.`;

/** What the command line asks for; undefined where it asks for help. Throws where it can't be understood. */
function readCommand() {
  const number = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean" }, seconds: number, pairs: number, window: number, scale: number },
  });
  const { help, ...given } = values;
  if (help) return undefined;
  const unknown = positionals.find((name) => !Object.hasOwn(scenarios, name));
  if (unknown !== undefined) throw new Error(`There is no measurement ${unknown}.`);
  const numbers = Object.entries(given).map(([name, value]) => {
    if (!(Number(value) > 0)) throw new Error(`--${name} ${value} is no number above 0.`);
    return [name, Number(value)] as const;
  });
  return { options: { ...defaults, ...Object.fromEntries(numbers), warmUpSeconds: 1 }, positionals };
}

async function bench(options: Options, positionals: readonly string[]): Promise<void> {
  const interruption = listenForInterruption();
  const all = Object.keys(scenarios);
  const names = positionals.length > 0 ? all.filter((name) => positionals.includes(name)) : all;
  const kept = readKept(options);
  const results = startKeeping({ names, options });
  const isWhole = names.length === all.length;
  const stack = new SharedStack();
  const findings: Findings[] = [];
  for (const [index, name] of names.entries()) {
    findings.push(await runScenario(name, options, { isWhole, stack, interruption }));
    // It ends the process.
    if (interruption.aborted) return;
    results.keep(mergeFindings(findings));
    if (!onStack.has(names[index + 1] ?? "")) await stop(stack);
  }
  console.log(`\n${describeResults(mergeFindings(findings), kept, isWhole)}\n`);
  const others = Object.entries(defaults).filter(([name, value]) => options[name as keyof Options] !== value);
  if (others.length > 0) {
    const meant = others.map(([name, value]) => `--${name} ${value}`).join(" ");
    console.log(`The goals are meant for ${meant}: the verdicts on this run say little.\n`);
  }
  console.log(`Raw results: ${results.path}`);
}

/** One that fails does not cost what the others found out. */
async function runScenario(name: string, options: Options, run: Run): Promise<Findings> {
  console.error(`${name} …`);
  const began = performance.now();
  const took = (): Figure => ({
    what: `took: ${name}`,
    value: (performance.now() - began) / 1_000,
    unit: "s",
  });
  try {
    const { figures = [], ...findings } = await scenarios[name]!(options, run);
    return { ...findings, figures: [...figures, took()] };
  } catch (error) {
    // Whoever cut it short knows why, and has told everything to stop.
    if (run.interruption.aborted) return {};
    console.error(error);
    process.exitCode = 1;
    // Whatever it broke is not for the next one.
    await stop(run.stack);
    return { figures: [took()], notes: [`${name} failed: ${(error as Error).message}`] };
  }
}

/** What stops badly does not cost what was found out either. */
async function stop(stack: SharedStack): Promise<void> {
  await stack[Symbol.asyncDispose]().catch((error: unknown) => console.error(error));
}

function mergeFindings(all: readonly Findings[]): Required<Findings> {
  return {
    loads: Object.assign({}, ...all.map(({ loads }) => loads)),
    figures: all.flatMap(({ figures = [] }) => figures),
    notes: all.flatMap(({ notes = [] }) => notes),
  };
}

let command: ReturnType<typeof readCommand>;
try {
  command = readCommand();
  if (!command) console.log(usage);
} catch (error) {
  console.error(`${(error as Error).message}\n\n${usage}`);
  process.exitCode = 2;
}
if (command) await bench(command.options, command.positionals);
