import { loadAgain } from "../state/load-history.ts";
import type { Dispatch, RootState } from "../state/state.ts";

/** Fetches again what does not fit the hash chain: once for each break, so that a server that insists is not asked for ever. */
export interface Mending {
  /** Safe to call after every action. */
  check(conversationId: string): void;
}

export function createMending({
  dispatch,
  getState,
}: {
  dispatch: Dispatch;
  getState(): RootState;
}): Mending {
  const asked = new Set<string>();
  return {
    check(id) {
      const brokenAt = getState().messages.integrity[id]?.brokenAt ?? null;
      const name = `${id} ${brokenAt}`;
      if (brokenAt === null || asked.has(name)) return;
      asked.add(name);
      dispatch(loadAgain(id, brokenAt)).catch(() => asked.delete(name));
    },
  };
}
