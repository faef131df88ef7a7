import { configureStore, type Middleware, type UnknownAction } from "@reduxjs/toolkit";
import { nextFrame } from "../lib/next-frame.ts";
import { type Extra, rootReducer } from "./state.ts";

const longestFrameMs = 100;

interface StoreOptions {
  readonly extra: Extra;
  readonly devTools: boolean;
  /** To be told of every action, at once and after the reducers. */
  react(action: UnknownAction): void;
}

/**
 * The store. Each frame of a socket is an action of its own, and is in the state before the next one; but what draws
 * hears of all that came since the last animation frame together, since drawing costs more than all else.
 */
export function createStore({ extra, devTools, react }: StoreOptions) {
  const reacting: Middleware = () => (next) => (action) => {
    const result = next(action);
    react(action as UnknownAction);
    return result;
  };
  return configureStore({
    reducer: rootReducer,
    devTools,
    middleware: (getDefault) =>
      getDefault({
        thunk: { extraArgument: extra },
        // Logs of thousands of messages are plain and never changed by construction; checking each is too slow to use.
        immutableCheck: false,
        serializableCheck: false,
      }).concat(reacting),
    enhancers: (getDefault) =>
      getDefault({
        // A hidden page has no frames, and its title must say what came all the same.
        autoBatch: {
          type: "callback",
          queueNotification: (draw) => void nextFrame(longestFrameMs).then(draw),
        },
      }),
  });
}
