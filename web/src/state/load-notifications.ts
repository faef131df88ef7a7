import { readHere } from "./conversationsSlice.ts";
import {
  notificationsAskedFor,
  notificationsFailed,
  notificationsPageReceived,
  notificationsRead,
} from "./notificationsSlice.ts";
import { selectMe, selectUnreadPositions } from "./selectors.ts";
import type { Thunk } from "./state.ts";

const pageSize = 20;

export function loadNotifications(place: "first" | "next"): Thunk<Promise<void>> {
  return async (dispatch, getState, { api }) => {
    const { status, nextCursor } = getState().notifications;
    if (status === "loading" || (place === "next" && nextCursor === null)) return;
    const me = getState().session.user?.id;
    dispatch(notificationsAskedFor());
    try {
      const cursor = place === "next" ? (nextCursor ?? undefined) : undefined;
      const page = await api.notifications({ limit: pageSize, cursor });
      if (getState().session.user?.id === me) dispatch(notificationsPageReceived({ ...page, place }));
    } catch {
      if (getState().session.user?.id === me) dispatch(notificationsFailed());
    }
  };
}

/**
 * Marks everything read, here at once and everywhere by the server; where it refuses, the truth is loaded again.
 * Entries alone would leave the conversations unread, so those are read as far as this device has heard of them.
 */
export function readAllNotifications(): Thunk<Promise<void>> {
  return async (dispatch, getState, { api }) => {
    const userId = selectMe(getState());
    for (const [conversationId, seq] of selectUnreadPositions(getState())) {
      dispatch(readHere({ conversationId, userId, seq }));
    }
    dispatch(notificationsRead({ ids: "all", at: new Date().toISOString() }));
    try {
      await api.readNotifications({ all: true });
    } catch {
      await dispatch(loadNotifications("first"));
    }
  };
}
