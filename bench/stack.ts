import { setTimeout as sleep } from "node:timers/promises";
import { benchLoads, memoryFigures } from "./gochat-loads.ts";
import { memoryOf } from "./processes.ts";
import type { Findings, Options, Run } from "./scenario.ts";

/** The services apart behind NGINX, from an empty folder. */
export async function benchStack(options: Options, run: Run): Promise<Findings> {
  const stack = await run.stack.get();
  await sleep(3_000);
  const atRest = [...Object.entries(stack.parts ?? {}), ["all of it", stack.roots[0]!] as const].flatMap(
    ([part, pid]) => memoryFigures(`stack: memory at rest, ${part}`, memoryOf(pid)),
  );
  const { figures = [], driven, ...findings } = await benchLoads(stack, options);
  run.stack.driven = driven;
  return {
    ...findings,
    figures: [
      { what: "stack: start to ready", value: stack.readyAfterMs / 1_000, unit: "s" },
      ...atRest,
      ...figures,
    ],
  };
}
