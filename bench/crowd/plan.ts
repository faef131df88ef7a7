import type { Seat } from "../load/plan.ts";

/** What one process of a crowd is asked to do: sockets that are open and, for the most part, silent. */
export interface CrowdPlan {
  readonly seats: readonly Seat[];
  /** How many connect at once. */
  readonly atOnce: number;
  /** What each seat sends when its socket is ready; one for all, or one for each. */
  readonly greetings?: readonly object[];
  /** Connects again when a socket is closed, with the jitter of the web client. */
  readonly comesBack: boolean;
}

/** Where a crowd stands. */
export interface CrowdState {
  readonly open: number;
  /** Attempts that failed. */
  readonly failed: number;
  /** How often a socket that was open closed, by code. */
  readonly closed: Readonly<Record<string, number>>;
  /** Frames that came, by type; `news`: heads past those of the greeting. */
  readonly frames: Readonly<Record<string, number>>;
}

export const noState: CrowdState = { open: 0, failed: 0, closed: {}, frames: {} };

/** Adds up what several processes tell. */
export function addStates(states: readonly CrowdState[]): CrowdState {
  const sum = (pick: (state: CrowdState) => number) =>
    states.reduce((total, state) => total + pick(state), 0);
  const merge = (pick: (state: CrowdState) => Readonly<Record<string, number>>) => {
    const merged: Record<string, number> = {};
    for (const state of states) {
      for (const [name, count] of Object.entries(pick(state))) merged[name] = (merged[name] ?? 0) + count;
    }
    return merged;
  };
  return {
    open: sum(({ open }) => open),
    failed: sum(({ failed }) => failed),
    closed: merge(({ closed }) => closed),
    frames: merge(({ frames }) => frames),
  };
}
