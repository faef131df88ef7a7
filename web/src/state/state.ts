import { combineReducers, type ThunkAction, type ThunkDispatch, type UnknownAction } from "@reduxjs/toolkit";
import { useDispatch, useSelector } from "react-redux";
import type { Api } from "../lib/api.ts";
import { connectionSlice } from "./connectionSlice.ts";
import { conversationsSlice } from "./conversationsSlice.ts";
import { messagesSlice } from "./messagesSlice.ts";
import { notificationsSlice } from "./notificationsSlice.ts";
import { peopleSlice } from "./peopleSlice.ts";
import { sessionSlice } from "./sessionSlice.ts";
import { typingSlice } from "./typingSlice.ts";

export const rootReducer = combineReducers({
  session: sessionSlice.reducer,
  connection: connectionSlice.reducer,
  people: peopleSlice.reducer,
  conversations: conversationsSlice.reducer,
  messages: messagesSlice.reducer,
  notifications: notificationsSlice.reducer,
  typing: typingSlice.reducer,
});

export type RootState = ReturnType<typeof rootReducer>;

/** What thunks may use besides the store. */
export interface Extra {
  readonly api: Api;
}

export type Thunk<Result = void> = ThunkAction<Result, RootState, Extra, UnknownAction>;
export type Dispatch = ThunkDispatch<RootState, Extra, UnknownAction>;

export const useAppDispatch = useDispatch.withTypes<Dispatch>();
export const useAppSelector = useSelector.withTypes<RootState>();
