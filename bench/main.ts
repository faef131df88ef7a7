import { parseArgs } from "node:util";
import { benchEmbedded } from "./embedded.ts";
import { benchRelay } from "./relay.ts";
import { describeResults, keepResults, type Results } from "./report.ts";
import { benchStack } from "./stack.ts";
import { firstLoadOf } from "./web-size.ts";

const usage = `npm run bench -- [relay] [embedded] [stack] [--seconds 10] [--pairs 200] [--window 4]
Without a name all are run. Raw results are kept in bench/results/.`;

const names = ["relay", "embedded", "stack"];

async function bench(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: "string", default: "10" },
      pairs: { type: "string", default: "200" },
      window: { type: "string", default: "4" },
    },
  });
  const options = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
  const { seconds = 0, pairs = 0, window = 0 } = options;
  if (
    ![seconds, pairs, window].every((number) => number > 0) ||
    positionals.some((name) => !names.includes(name))
  ) {
    console.error(usage);
    process.exitCode = 2;
    return;
  }
  const wanted = (name: string) => positionals.length === 0 || positionals.includes(name);
  const load = { window, seconds, warmUpSeconds: 3, bodyLength: 80 };
  const results: Results = {
    options,
    ...(wanted("relay") && { relay: await benchRelay(pairs, load) }),
    ...(wanted("embedded") && { embedded: await benchEmbedded(pairs, load) }),
    ...(wanted("stack") && { stack: await benchStack(pairs, load) }),
    web: firstLoadOf(new URL("../web/dist/", import.meta.url)),
  };
  console.log(`\n${describeResults(results)}\n\nRaw results: ${await keepResults(results)}`);
}

await bench();
