import { named, runLoads } from "./load/loads.ts";
import { signUpPeople } from "./people.ts";
import { type Memory, memoryOf } from "./processes.ts";
import { measureRelay } from "./relay.ts";
import type { Figure, Findings, Options } from "./scenario.ts";
import { storageFigures, storedIn } from "./storage.ts";
import type { Target } from "./target.ts";

/** Signs people up, drives GoChat with every load in turn, and says what that took. */
export async function benchLoads(target: Target, options: Options): Promise<Findings> {
  const { mode, url, roots, parts } = target;
  const { seats, signUpsPerSecond } = await signUpPeople(url, 2 * options.pairs);
  const before = await storedIn(target.databaseUrl("messages"));
  const loads = await runLoads({ roots, ...(parts && { parts }), protocol: "gochat", seats }, options);
  const after = await storedIn(target.databaseUrl("messages"));
  const relay = await measureRelay(options);
  const messages = Object.values(loads).reduce((sum, { arrived }) => sum + arrived, 0);
  return {
    loads: { [`relay beside ${mode}, busy`]: relay, ...named(mode, loads) },
    figures: [
      { what: `${mode}: sign-ups`, value: signUpsPerSecond, unit: "a second" },
      ...storageFigures(mode, before, after, messages),
      ...memoryFigures(`${mode}: memory after the load`, memoryOf(roots[0]!)),
    ],
  };
}

/** None where there is no /proc. */
export function memoryFigures(what: string, memory: Memory | undefined): Figure[] {
  return memory ? [{ what, value: memory.pss, unit: "MB" }] : [];
}
