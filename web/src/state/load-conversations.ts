import { ProblemError } from "../lib/http.ts";
import {
  conversationAbsent,
  conversationReceived,
  conversationsAskedFor,
  conversationsFailed,
  conversationsPageReceived,
} from "./conversationsSlice.ts";
import type { Thunk } from "./state.ts";

const pageSize = 50;

/** Loads the first or the next page; `again` asks for the first once more and keeps what is behind it. */
export function loadConversations(place: "first" | "next" | "again"): Thunk<Promise<void>> {
  return async (dispatch, getState, { api }) => {
    const { status, nextCursor } = getState().conversations;
    if (status === "loading" || (place === "next" && nextCursor === null)) return;
    const me = getState().session.user?.id;
    dispatch(conversationsAskedFor());
    try {
      const cursor = place === "next" ? (nextCursor ?? undefined) : undefined;
      const page = await api.conversations({ limit: pageSize, cursor });
      if (getState().session.user?.id === me) dispatch(conversationsPageReceived({ ...page, place }));
    } catch {
      if (getState().session.user?.id === me) dispatch(conversationsFailed());
    }
  };
}

/** Loads one conversation. That nobody has written there yet is an answer too. */
export function loadConversation(id: string): Thunk<Promise<void>> {
  return async (dispatch, getState, { api }) => {
    const me = getState().session.user?.id;
    try {
      const { conversation } = await api.conversation(id);
      if (getState().session.user?.id === me) dispatch(conversationReceived(conversation));
    } catch (error) {
      if (!(error instanceof ProblemError && error.status === 404)) throw error;
      if (getState().session.user?.id === me) dispatch(conversationAbsent(id));
    }
  };
}
