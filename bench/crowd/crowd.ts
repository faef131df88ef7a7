import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Seat } from "../load/plan.ts";
import { addStates, type CrowdPlan, type CrowdState, noState } from "./plan.ts";

export interface Crowd extends AsyncDisposable {
  readonly state: CrowdState;
  /** Resolves when the state is like this; throws when it is not within the time. */
  until(isReached: (state: CrowdState) => boolean, timeoutMs: number): Promise<void>;
}

/** A process may have some 20,000 files open. */
const seatsEach = 5_000;

/** Opens a socket for each seat, in as many processes as that needs. */
export function openCrowd(seats: readonly Seat[], plan: Omit<CrowdPlan, "seats" | "atOnce">): Crowd {
  const processes: ChildProcess[] = [];
  const states: CrowdState[] = [];
  for (let first = 0; first < seats.length; first += seatsEach) {
    const number = processes.length;
    const child = fork(new URL("crowd-process.ts", import.meta.url));
    child.on("message", (state: CrowdState) => {
      states[number] = state;
    });
    child.send({
      ...plan,
      ...(plan.greetings && { greetings: partOf(plan.greetings, first) }),
      atOnce: 30,
      seats: seats.slice(first, first + seatsEach),
    } satisfies CrowdPlan);
    processes.push(child);
    states.push(noState);
  }
  const crowd: Crowd = {
    get state() {
      return addStates(states);
    },
    async until(isReached, timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      while (!isReached(crowd.state)) {
        if (performance.now() > deadline)
          throw new Error(`The crowd stays at ${JSON.stringify(crowd.state)}.`);
        await sleep(50);
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(
        processes.map(async (child) => {
          if (child.exitCode !== null) return;
          const ended = once(child, "exit");
          child.disconnect();
          await ended;
        }),
      );
    },
  };
  return crowd;
}

/** One for all stays so. */
function partOf(greetings: readonly object[], first: number): readonly object[] {
  return greetings.length > 1 ? greetings.slice(first, first + seatsEach) : greetings;
}
