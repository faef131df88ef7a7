import { parseArgs } from "node:util";
import { readKept, startKeeping } from "./kept.ts";
import { describeResults } from "./report.ts";
import type { Figure, Findings, Options, Run } from "./scenario.ts";
import { onStack, scenarios } from "./scenarios.ts";
import { SharedStack } from "./shared-stack.ts";

const usage = `npm run bench -- [${Object.keys(scenarios).join("] [")}]
  [--seconds 3] [--pairs 200] [--window 4] [--scale 1]
Without a name all are run. Raw results are kept in bench/results/.`;

/** What the command line asks for. Throws where it can't be understood. */
function readCommand() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: "string", default: "3" },
      pairs: { type: "string", default: "200" },
      window: { type: "string", default: "4" },
      scale: { type: "string", default: "1" },
    },
  });
  const unknown = positionals.find((name) => !Object.hasOwn(scenarios, name));
  if (unknown !== undefined) throw new Error(`${unknown} is no measurement.`);
  const numbers = Object.entries(values).map(([name, value]) => {
    if (!(Number(value) > 0)) throw new Error(`--${name} ${value} is no number above 0.`);
    return [name, Number(value)] as const;
  });
  return { numbers, positionals };
}

async function bench({ numbers, positionals }: ReturnType<typeof readCommand>): Promise<void> {
  const options: Options = {
    ...{ seconds: 0, pairs: 0, window: 0, scale: 0 },
    ...Object.fromEntries(numbers),
    warmUpSeconds: 1,
  };
  const all = Object.keys(scenarios);
  const names = positionals.length > 0 ? all.filter((name) => positionals.includes(name)) : all;
  const kept = readKept(options);
  const results = startKeeping({ names, options });
  const isWhole = names.length === all.length;
  const stack = new SharedStack();
  const findings: Findings[] = [];
  for (const [index, name] of names.entries()) {
    findings.push(await runScenario(name, options, { isWhole, stack }));
    results.keep(mergeFindings(findings));
    if (!onStack.has(names[index + 1] ?? "")) await stop(stack);
  }
  console.log(`\n${describeResults(mergeFindings(findings), kept, isWhole)}\n\nRaw results: ${results.path}`);
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

let command: ReturnType<typeof readCommand> | undefined;
try {
  command = readCommand();
} catch (error) {
  console.error(`${(error as Error).message}\n\n${usage}`);
  process.exitCode = 2;
}
if (command) await bench(command);
