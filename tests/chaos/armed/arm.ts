import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { takeOrders } from "./control.ts";
import { failpointPatches } from "./failpoints.ts";
import { type Mutant, mutants } from "./mutants.ts";
import { applyPatches, type Patch } from "./patch.ts";
import { createRuntime } from "./runtime.ts";

/**
 * Loaded before a GoChat that a test of this folder starts (`node --import`), and by nothing else: patches the source
 * as it is read, puts an unreliable bus in the place of the one in the process, and takes orders from the driver.
 */
export interface ArmOptions {
  readonly mutant?: string;
  readonly unreliableBus?: boolean;
  /** The clock of this process is wrong by so much. */
  readonly clockOffsetMs?: number;
}

const variable = "CHAOS";
const root = new URL("../../../", import.meta.url);

function arm({ mutant, unreliableBus, clockOffsetMs = 0 }: ArmOptions): void {
  if (process.env.NODE_ENV === "production") throw new Error("Faults are for tests, not for production.");
  const sown: Mutant | undefined = mutant === undefined ? undefined : mutants[mutant as keyof typeof mutants];
  if (mutant !== undefined && !sown) throw new Error(`There is no mutant ${mutant}.`);
  const patches = Map.groupBy([...(sown?.source ?? []), ...failpointPatches], urlOf);
  registerHooks({
    resolve(specifier, context, next) {
      const isReplaced =
        unreliableBus && specifier === "@gochat/broker/memory" && context.parentURL?.endsWith("/brokers.ts");
      if (!isReplaced) return next(specifier, context);
      return { url: new URL("unreliable-broker.ts", import.meta.url).href, shortCircuit: true };
    },
    load(url, context, next) {
      const loaded = next(url, context);
      const ofFile = patches.get(url);
      if (!ofFile) return loaded;
      return { ...loaded, source: applyPatches(String(loaded.source), ofFile) };
    },
  });
  if (clockOffsetMs !== 0) shiftClock(clockOffsetMs);
  const armed = createRuntime();
  Object.assign(globalThis, { chaos: armed.runtime });
  takeOrders(armed);
}

function urlOf({ file }: Patch): string {
  return pathToFileURL(fileURLToPath(new URL(file, root))).href;
}

function shiftClock(offsetMs: number): void {
  const RealDate = Date;
  const now = () => RealDate.now() + offsetMs;
  globalThis.Date = new Proxy(RealDate, {
    construct: (_target, parameters: []) =>
      new RealDate(...(parameters.length > 0 ? parameters : ([now()] as never))),
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
  });
}

const text = process.env[variable];
if (text !== undefined) {
  delete process.env[variable];
  arm(JSON.parse(text) as ArmOptions);
}
