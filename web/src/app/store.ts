import type { UnknownAction } from "@reduxjs/toolkit";
import { createApi } from "../lib/api.ts";
import type { Client } from "../realtime/client-context.ts";
import { createRealtime } from "../realtime/realtime.ts";
import { createSessionKeeper } from "../realtime/session-keeper.ts";
import { createStore } from "../state/create-store.ts";
import { sessionEnded } from "../state/sessionSlice.ts";

/** The store and what talks to the server, tied together: actions reach `realtime`, and it dispatches others. */
export function createClient() {
  let react: (action: UnknownAction) => void = () => undefined;
  const keeper = createSessionKeeper(() => {
    const { status } = store.getState().session;
    if (status !== "guest") store.dispatch(sessionEnded(status === "unknown" ? "never began" : "expired"));
  });
  const api = createApi(keeper.request);
  const store = createStore({
    extra: { api },
    devTools: import.meta.env.DEV,
    react: (action) => react(action),
  });
  const realtime = createRealtime({ dispatch: store.dispatch, getState: store.getState, api, keeper });
  react = realtime.react;
  return { store, client: { api, realtime, keeper } satisfies Client };
}
