import type { System } from "../system/system.ts";
import { brokerFaults } from "./broker-faults.ts";
import { commonFaults, crashes } from "./common-faults.ts";
import { embeddedFaults } from "./embedded-faults.ts";
import type { Fault, Faults } from "./fault.ts";
import { networkFaults } from "./network-faults.ts";
import { stackFaults } from "./stack-faults.ts";

const faultsOf: Readonly<Record<System["mode"], Faults>> = {
  embedded: { ...commonFaults, ...embeddedFaults } as Faults,
  stack: { ...commonFaults, ...stackFaults, ...brokerFaults, ...networkFaults } as Faults,
};

const twoAtOnce: Readonly<Record<System["mode"], readonly string[]>> = {
  embedded: ["kill+network", "postgres-killed+network", "bus+postgres-connections"],
  stack: [
    "kill-messages+rabbitmq-killed",
    "kill-chat+postgres-killed",
    "pause-messages+redis-killed",
    "kill-messages+partition:chat-rabbitmq",
    "queue-deleted+postgres-connections",
  ],
};

const everyCrash = Object.keys(crashes);

/** Names that stand for several: `crashes*50` is 50 at each failpoint. */
const groups: Readonly<Record<System["mode"], Readonly<Record<string, readonly string[]>>>> = {
  embedded: {
    all: [...Object.keys(faultsOf.embedded), ...twoAtOnce.embedded],
    crashes: everyCrash,
    kills: ["kill"],
    none: [],
  },
  stack: {
    all: [...Object.keys(faultsOf.stack), ...twoAtOnce.stack],
    crashes: everyCrash,
    kills: ["kill-messages", "kill-chat"],
    none: [],
  },
};

export interface ChosenFault {
  readonly name: string;
  readonly fault: Fault;
}

/**
 * The faults named, with commas between: `kill*300` so many times, `kill-chat+redis-killed` two at once, and groups:
 * `all` of this mode, `crashes`, `kills`, or `none`.
 */
export function chooseFaults(mode: System["mode"], names: string): ChosenFault[] {
  const known: Faults = { ...faultsOf[mode], ...crashes };
  return names.split(",").flatMap((text) => {
    const [chosen = "", times = "1"] = text.split("*");
    if (!/^[1-9][0-9]*$/.test(times)) throw new Error(`How often is ${text}? Say for example ${chosen}*3.`);
    const struck = (groups[mode][chosen] ?? [chosen]).map((name) => {
      const parts = name.split("+").map((part) => findFault(known, part));
      return { name, fault: parts.length === 1 ? parts[0]! : together(parts) };
    });
    return Array.from({ length: Number(times) }, () => struck).flat();
  });
}

/** Whether a network namespace is needed. */
export function needsNamespace(names: string): boolean {
  return /\ball\b|partition:|slow-broker/.test(names);
}

function findFault(known: Faults, name: string): Fault {
  const fault = known[name];
  if (!fault) {
    const names = ["all", "crashes", "kills", "none", ...Object.keys(known)];
    throw new Error(`There is no fault ${name}. Choose from ${names.join(", ")}, or two with + between.`);
  }
  return fault;
}

/** As patient as the slower of them to recover from. */
function together(faults: readonly Fault[]): Fault {
  const slowest = ["partition", "rabbitmq", "queue", "postgres", "client", "cache", "service"] as const;
  return {
    struck: slowest.find((struck) => faults.some((fault) => fault.struck === struck))!,
    ...(faults.some(({ flushes }) => flushes) && { flushes: true }),
    async strike(striking) {
      await Promise.all(faults.map((fault) => fault.strike(striking)));
    },
  };
}
