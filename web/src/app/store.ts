import { configureStore, type Middleware, type UnknownAction } from "@reduxjs/toolkit";
import { createApi } from "../lib/api.ts";
import type { Client } from "../realtime/client-context.ts";
import { createRealtime } from "../realtime/realtime.ts";
import { createSessionKeeper } from "../realtime/session-keeper.ts";
import { sessionEnded } from "../state/sessionSlice.ts";
import { type Extra, rootReducer } from "../state/state.ts";

/** The store and what talks to the server, tied together: actions reach `realtime`, and it dispatches others. */
export function createClient() {
  let react: (action: UnknownAction) => void = () => undefined;
  const reacting: Middleware = () => (next) => (action) => {
    const result = next(action);
    react(action as UnknownAction);
    return result;
  };
  const keeper = createSessionKeeper(() => {
    const { status } = store.getState().session;
    if (status !== "guest") store.dispatch(sessionEnded(status === "unknown" ? "never began" : "expired"));
  });
  const api = createApi(keeper.request);
  const store = configureStore({
    reducer: rootReducer,
    devTools: import.meta.env.DEV,
    middleware: (getDefault) =>
      getDefault({
        thunk: { extraArgument: { api } satisfies Extra },
        // Logs of thousands of messages are frozen and plain by construction; checking each is too slow to use.
        immutableCheck: false,
        serializableCheck: false,
      }).concat(reacting),
  });
  const realtime = createRealtime({ dispatch: store.dispatch, getState: store.getState, api, keeper });
  react = realtime.react;
  return { store, client: { api, realtime, keeper } satisfies Client };
}
