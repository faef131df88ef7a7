import { parseArgs } from "node:util";
import { readKept, startKeeping } from "./kept.ts";
import { describeResults } from "./report.ts";
import type { Figure, Findings, Options } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";

const usage = `npm run bench -- [${Object.keys(scenarios).join("] [")}]
  [--seconds 4] [--pairs 200] [--window 4] [--scale 1]
Without a name all are run. Raw results are kept in bench/results/.`;

async function bench(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: "string", default: "4" },
      pairs: { type: "string", default: "200" },
      window: { type: "string", default: "4" },
      scale: { type: "string", default: "1" },
    },
  });
  const numbers = Object.entries(values).map(([name, value]) => [name, Number(value)] as const);
  if (
    numbers.some(([, number]) => !(number > 0)) ||
    positionals.some((name) => !Object.hasOwn(scenarios, name))
  ) {
    console.error(usage);
    process.exitCode = 2;
    return;
  }
  const options: Options = {
    ...{ seconds: 0, pairs: 0, window: 0, scale: 0 },
    ...Object.fromEntries(numbers),
    warmUpSeconds: 1.5,
  };
  const names = positionals.length > 0 ? positionals : Object.keys(scenarios);
  const kept = readKept(options);
  const results = startKeeping({ names, options });
  const whole = names.length === Object.keys(scenarios).length;
  const findings: Findings[] = [];
  for (const name of names) {
    findings.push(await runScenario(name, options, whole));
    results.keep(mergeFindings(findings));
  }
  console.log(`\n${describeResults(mergeFindings(findings), kept, whole)}\n\nRaw results: ${results.path}`);
}

/** One that fails does not cost what the others found out. */
async function runScenario(name: string, options: Options, whole: boolean): Promise<Findings> {
  console.error(`${name} …`);
  const began = performance.now();
  const took = (): Figure => ({
    what: `took: ${name}`,
    value: (performance.now() - began) / 1_000,
    unit: "s",
  });
  try {
    const { figures = [], ...findings } = await scenarios[name]!(options, whole);
    return { ...findings, figures: [...figures, took()] };
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
    return { figures: [took()], notes: [`${name} failed: ${(error as Error).message}`] };
  }
}

function mergeFindings(all: readonly Findings[]): Required<Findings> {
  return {
    loads: Object.assign({}, ...all.map(({ loads }) => loads)),
    figures: all.flatMap(({ figures = [] }) => figures),
    notes: all.flatMap(({ notes = [] }) => notes),
  };
}

await bench();
