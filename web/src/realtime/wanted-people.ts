import { loadPerson } from "../state/load-people.ts";
import type { Dispatch, RootState } from "../state/state.ts";

const maximumWaiting = 100;

/** Loads people who are shown but not in the loaded part of the directory, one after the other. */
export interface WantedPeople {
  want(userId: string): void;
  /** What was said of them may be out of date: ask again. */
  refresh(): void;
}

export function createWantedPeople(dispatch: Dispatch, getState: () => RootState): WantedPeople {
  const asked = new Set<string>();
  const waiting: string[] = [];
  let isRunning = false;

  async function work(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await dispatch(loadPerson(id));
    isRunning = false;
  }

  function ask(id: string): void {
    if (waiting.length >= maximumWaiting || waiting.includes(id)) return;
    waiting.push(id);
    void work();
  }

  return {
    want(userId) {
      if (asked.has(userId) || getState().people.byId[userId]) return;
      asked.add(userId);
      ask(userId);
    },
    refresh() {
      for (const id of asked) ask(id);
    },
  };
}
