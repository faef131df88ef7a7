import { useCallback, useEffect, useRef, useState } from "react";
import { useStore } from "react-redux";
import { ProblemError } from "../../lib/http.ts";
import { nextFrame } from "../../lib/next-frame.ts";
import { conversationAbsent } from "../../state/conversationsSlice.ts";
import { loadConversation } from "../../state/load-conversations.ts";
import { loadNewest, loadOlder } from "../../state/load-history.ts";
import { selectLog, selectMe, selectReadSeq, selectUnread } from "../../state/selectors.ts";
import { type RootState, useAppDispatch, useAppSelector } from "../../state/state.ts";

/** Enough to fill a view; less is not shown before the newest page has come. */
const enough = 40;
/** So far back the beginning of what is unread is looked for. */
const maximumUnreadPages = 3;

export interface History {
  /** `ready` once there is enough to show, or nothing at all to wait for. */
  readonly status: "loading" | "ready" | "failed";
  readonly isLoadingOlder: boolean;
  /** Asks for the page before; nothing happens while one is under way. */
  loadOlder(): void;
}

/** Brings the messages that an open conversation needs, and more when one scrolls up. */
export function useHistory(conversationId: string): History {
  const dispatch = useAppDispatch();
  const store = useStore<RootState>();
  const isConnected = useAppSelector((state) => state.connection.chat === "open");
  const [status, setStatus] = useState<History["status"]>("loading");
  const [isLoadingOlder, setLoadingOlder] = useState(false);
  const isBusy = useRef(false);

  const begin = useCallback(async () => {
    const findConversation = async () => {
      const { byId, status: listStatus, nextCursor } = store.getState().conversations;
      if (byId[conversationId]) return;
      // The list is whole and does not have it: nobody has written yet.
      if (listStatus === "loaded" && nextCursor === null) dispatch(conversationAbsent(conversationId));
      else await dispatch(loadConversation(conversationId));
    };
    const log = () => selectLog(store.getState(), conversationId);
    const isEnough = () => log().from === 1 || log().messages.length >= enough;
    try {
      await findConversation();
      if (!store.getState().conversations.absent[conversationId]) {
        if (!isEnough()) await dispatch(loadNewest(conversationId));
        const me = selectMe(store.getState());
        const readSeq = selectReadSeq(store.getState(), conversationId, me);
        const hasUnread = selectUnread(store.getState(), conversationId) > 0;
        for (let page = 0; hasUnread && log().from > readSeq + 1 && page < maximumUnreadPages; page++) {
          await dispatch(loadOlder(conversationId));
        }
      }
      setStatus("ready");
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      setStatus(isEnough() ? "ready" : "failed");
    }
  }, [dispatch, store, conversationId]);

  // Once at the beginning, and again when the connection is back after a failure.
  const shouldBegin = status === "loading" || (status === "failed" && isConnected);
  useEffect(() => {
    if (shouldBegin) void begin();
  }, [begin, shouldBegin]);

  const older = useCallback(async () => {
    if (isBusy.current || selectLog(store.getState(), conversationId).from <= 1) return;
    isBusy.current = true;
    setLoadingOlder(true);
    // Between measuring a row and the scroll event that follows, virtua takes prepended rows for those in view, and all
    // are drawn twice. A frame begins after that event. A failed page is asked for again by the next scroll.
    await dispatch(loadOlder(conversationId, nextFrame)).catch(() => undefined);
    isBusy.current = false;
    setLoadingOlder(false);
  }, [dispatch, store, conversationId]);

  return { status, isLoadingOlder, loadOlder: useCallback(() => void older(), [older]) };
}
