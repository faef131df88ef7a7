import type { System } from "../system/system.ts";
import { crashes, embeddedFaults } from "./embedded-faults.ts";
import type { Fault } from "./fault.ts";

const allFaults: Readonly<Record<string, Fault>> = embeddedFaults;

/** The faults named, with commas between, `kill*300` so many times; `all` of this mode, or `none`. */
export function chooseFaults(mode: System["mode"], names: string): (readonly [string, Fault])[] {
  const ofMode = Object.entries(allFaults).filter(([, fault]) => fault.modes.includes(mode));
  if (names === "all") return ofMode;
  if (names === "none") return [];
  return names.split(",").flatMap((text) => {
    const [name = "", times = "1"] = text.split("*");
    const found = [...ofMode, ...Object.entries(crashes)].find(([known]) => known === name);
    if (!found) {
      throw new Error(`There is no fault ${name}. Choose from ${ofMode.map(([known]) => known).join(", ")}.`);
    }
    return Array.from({ length: Number(times) }, () => found);
  });
}
