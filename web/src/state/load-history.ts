import type { Message } from "@gochat/contracts/http/conversations";
import type { Stretch } from "./conversation-log.ts";
import { stretchReceived } from "./messagesSlice.ts";
import { selectLog } from "./selectors.ts";
import type { Thunk } from "./state.ts";

/** Older pages end at multiples of this, so that everyone asks for the same pages and the server can keep them. */
const pageSize = 50;

/** How many messages to ask for before `firstSeq`, so that the next page begins behind a multiple of 50. */
export function alignedLimit(firstSeq: number): number {
  return (firstSeq - 1) % pageSize || pageSize;
}

interface Page {
  readonly messages: readonly Message[];
  readonly hasMoreBefore: boolean;
}

/** The stretch that a page covers which ends at `to`; the first page of all begins at 1 whatever it holds. */
export function stretchOf({ messages, hasMoreBefore }: Page, to: number): Stretch {
  const from = hasMoreBefore ? (messages[0]?.seq ?? to + 1) : 1;
  return { from, to, messages };
}

/** Loads the newest page. Throws a ProblemError. */
export function loadNewest(conversationId: string): Thunk<Promise<void>> {
  return async (dispatch, getState, { api }) => {
    const me = getState().session.user?.id;
    const page = await api.messages(conversationId, {
      limit: pageSize,
    });
    if (getState().session.user?.id !== me) return;
    dispatch(stretchReceived({ conversationId, stretch: stretchOf(page, page.headSeq) }));
  };
}

/** Asks again for the messages around a position, and takes them in the place of those held. Throws a ProblemError. */
export function loadAgain(conversationId: string, seq: number): Thunk<Promise<void>> {
  return async (dispatch, getState, { api }) => {
    const me = getState().session.user?.id;
    const { messages } = await api.messages(conversationId, { around: seq, limit: 2 * pageSize });
    const [first, last] = [messages[0], messages.at(-1)];
    if (getState().session.user?.id !== me || !first || !last) return;
    dispatch(stretchReceived({ conversationId, stretch: { from: first.seq, to: last.seq, messages } }));
  };
}

/**
 * Loads the page before what is loaded, if there is one, and takes it once `untilWelcome` resolves. Throws a
 * ProblemError.
 */
export function loadOlder(
  conversationId: string,
  untilWelcome: () => Promise<void> = () => Promise.resolve(),
): Thunk<Promise<void>> {
  return async (dispatch, getState, { api }) => {
    const me = getState().session.user?.id;
    const { from } = selectLog(getState(), conversationId);
    if (from <= 1) return;
    const page = await api.messages(conversationId, {
      before: from,
      limit: alignedLimit(from),
    });
    await untilWelcome();
    if (getState().session.user?.id !== me) return;
    dispatch(stretchReceived({ conversationId, stretch: stretchOf(page, from - 1) }));
  };
}
