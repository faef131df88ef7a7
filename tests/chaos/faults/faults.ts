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

export interface ChosenFault {
  readonly name: string;
  readonly fault: Fault;
}

/**
 * The faults named, with commas between: `kill*300` so many times, `kill-chat+redis-killed` two at once; `all` of this
 * mode, or `none`.
 */
export function chooseFaults(mode: System["mode"], names: string): ChosenFault[] {
  const known: Faults = { ...faultsOf[mode], ...crashes };
  if (names === "none") return [];
  const chosen = names === "all" ? Object.keys(faultsOf[mode]) : names.split(",");
  return chosen.flatMap((text) => {
    const [name = "", times = "1"] = text.split("*");
    const parts = name.split("+").map((part) => findFault(known, part));
    const fault = parts.length === 1 ? parts[0]! : together(parts);
    return Array.from({ length: Number(times) }, () => ({ name, fault }));
  });
}

/** Whether a network namespace is needed. */
export function needsNamespace(names: string): boolean {
  return names === "all" || /partition:|slow-broker/.test(names);
}

function findFault(known: Faults, name: string): Fault {
  const fault = known[name];
  if (!fault) throw new Error(`There is no fault ${name}. Choose from ${Object.keys(known).join(", ")}.`);
  return fault;
}

/** As patient as the slower of them to recover from. */
function together(faults: readonly Fault[]): Fault {
  const slowest = ["partition", "rabbitmq", "queue", "postgres", "client", "cache", "service"] as const;
  return {
    struck: slowest.find((struck) => faults.some((fault) => fault.struck === struck))!,
    async strike(striking) {
      await Promise.all(faults.map((fault) => fault.strike(striking)));
    },
  };
}
