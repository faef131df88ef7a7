import { findMutant } from "./armed/mutants.ts";
import { play } from "./play.ts";
import type { System } from "./system/system.ts";

interface HuntOptions {
  readonly mode: System["mode"];
  readonly names: readonly string[];
  readonly seed: number;
  readonly onProgress?: (text: string) => void;
}

const runsEach = 3;
const minutes = 0.1;

/** Runs each mutant until the checker finds what it breaks, three times at most. Answers those that were not found. */
export async function huntMutants({
  mode,
  names,
  seed,
  onProgress = () => {},
}: HuntOptions): Promise<string[]> {
  const survivors: string[] = [];
  for (const name of names) {
    const { faults, breaks } = findMutant(name, mode);
    let caughtBy: number[] = [];
    for (let attempt = 0; attempt < runsEach && caughtBy.length === 0; attempt++) {
      const { verdict } = await play({
        mode,
        seed: seed + attempt,
        minutes,
        faults: faults.join(","),
        mutant: name,
        isShort: true,
      });
      const violated = new Set(verdict.violations.map(({ invariant }) => invariant));
      caughtBy = breaks.filter((invariant) => violated.has(invariant));
      const found = caughtBy.length > 0 ? `caught by invariant ${caughtBy.join(", ")}` : "not caught";
      onProgress(`${name}: ${found} in run ${attempt + 1}`);
    }
    if (caughtBy.length === 0) survivors.push(name);
  }
  return survivors;
}
