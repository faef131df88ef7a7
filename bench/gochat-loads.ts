import { named, runLoads, type Subject, singleLoads, subjectOf, warmUp } from "./load/loads.ts";
import { signUpPeople } from "./people.ts";
import { type Memory, memoryOf } from "./processes.ts";
import { runBesideRelay } from "./relay.ts";
import type { Figure, Findings, Options } from "./scenario.ts";
import { storageFigures, storedIn } from "./storage.ts";
import type { Target } from "./target.ts";

/** Signs people up, drives GoChat with every load and in turn with the relay, and says what that took. */
export async function benchLoads(
  target: Target,
  options: Options,
): Promise<Findings & { readonly driven: Subject }> {
  const { mode, url, roots } = target;
  const { seats, signUpsPerSecond } = await signUpPeople(url, 2 * options.pairs);
  const driven = subjectOf(target, seats);
  await warmUp(driven, options);
  const before = await storedIn(target.databaseUrl("messages"));
  const loads = await runLoads(driven, singleLoads, options);
  const after = await storedIn(target.databaseUrl("messages"));
  const turns = await runBesideRelay({ name: mode, subject: driven }, options);
  const messages = Object.values(loads).reduce((sum, { arrived }) => sum + arrived, 0);
  return {
    driven,
    loads: { ...turns, ...named(mode, loads) },
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
