import { existsSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { addressOf, speakFrom } from "./addresses.ts";
import { readOrders, takeOrders } from "./control.ts";
import { failpointPatches } from "./failpoints.ts";
import { findMutant } from "./mutants.ts";
import { applyPatches, type Patch } from "./patch.ts";
import { createRuntime } from "./runtime.ts";
import { supervisionPatches } from "./supervision.ts";

/**
 * Loaded before a GoChat that a test of this folder starts (`node --import`), and by nothing else: patches the source
 * as it is read, puts an unreliable bus in the place of the one in the process, and takes orders from the driver.
 */
export interface ArmOptions {
  readonly mutant?: string;
  readonly unreliableBus?: boolean;
  /** The clock of this process is wrong by so much. */
  readonly clockOffsetMs?: number;
  /** Where orders come as files. Without it they come from the parent. */
  readonly ordersFolder?: string;
  /** Each process speaks from an address of its own. */
  readonly ownAddresses?: boolean;
}

const variable = "CHAOS";
const root = new URL("../../../", import.meta.url);

/** Options for the process on this port alone, read when it starts. */
export function optionsFile(folder: string, port: string | number | undefined): string {
  return join(folder, `port-${port}.json`);
}

function arm(options: ArmOptions): void {
  if (process.env.NODE_ENV === "production") throw new Error("Faults are for tests, not for production.");
  const { mutant, unreliableBus, clockOffsetMs = 0, ordersFolder, ownAddresses } = options;
  const mode = ordersFolder === undefined ? "embedded" : "stack";
  const sown = mutant === undefined ? undefined : findMutant(mutant, mode);
  patchSources([...(sown?.source ?? []), ...failpointPatches]);
  if (unreliableBus) replaceBus();
  if (clockOffsetMs !== 0) shiftClock(clockOffsetMs);
  if (ownAddresses) speakFrom(addressOf(Number(process.env.PORT)));
  const armed = createRuntime();
  Object.assign(globalThis, { chaos: armed.runtime });
  if (ordersFolder === undefined) takeOrders(armed);
  else readOrders(armed, ordersFolder);
}

function patchSources(all: readonly Patch[]): void {
  const patches = Map.groupBy(all, ({ file }) => new URL(file, root).href);
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      const ofFile = patches.get(url);
      if (!ofFile) return loaded;
      return { ...loaded, source: applyPatches(String(loaded.source), ofFile) };
    },
  });
}

function replaceBus(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const isReplaced = specifier === "@gochat/broker/memory" && isOfServer(context.parentURL);
      if (!isReplaced) return next(specifier, context);
      return { url: new URL("unreliable-broker.ts", import.meta.url).href, shortCircuit: true };
    },
  });
}

function isOfServer(url: string | undefined): boolean {
  return url?.startsWith(new URL("server/src/", root).href) ?? false;
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

function armStack(): void {
  patchSources(supervisionPatches);
  // What a driver that died had started must not go on.
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  // Listening must not keep a process alive that is done.
  process.channel?.unref();
}

/** The program that starts all processes passes the options on; the driver itself imports from this file. */
const text = process.env[variable];
if (text !== undefined && process.argv[1]?.endsWith("scripts/stack.ts")) armStack();
if (text !== undefined && process.argv[1]?.endsWith("server/src/main.ts")) {
  delete process.env[variable];
  const options = JSON.parse(text) as ArmOptions;
  const own = options.ordersFolder && optionsFile(options.ordersFolder, process.env.PORT);
  arm({ ...options, ...(own && existsSync(own) && JSON.parse(readFileSync(own, "utf8"))) });
}
