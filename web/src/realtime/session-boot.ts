import type { Account } from "@gochat/contracts/http/auth";
import type { Api } from "../lib/api.ts";
import { fullJitter } from "../lib/back-off.ts";
import { ProblemError } from "../lib/http.ts";
import { sessionEnded, sessionStarted } from "../state/sessionSlice.ts";
import type { Dispatch, RootState } from "../state/state.ts";

/**
 * Asks who is signed in until there is an answer, and says so if that is news.
 * An ended session is announced by the session keeper, on whose request `api` is built.
 */
export async function findSession(api: Api, dispatch: Dispatch, getState: () => RootState): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      const { user } = await api.currentUser();
      if (isNews(user, getState())) dispatch(sessionStarted(user));
      return;
    } catch (error) {
      if (error instanceof ProblemError && error.status === 401) {
        if (getState().session.status === "unknown") dispatch(sessionEnded("never began"));
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, fullJitter(attempt)));
    }
  }
}

function isNews(user: Account, { session }: RootState): boolean {
  return session.user?.id !== user.id;
}
