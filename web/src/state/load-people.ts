import { ProblemError } from "../lib/http.ts";
import { peopleAskedFor, peopleFailed, peoplePageReceived, personReceived } from "./peopleSlice.ts";
import type { Thunk } from "./state.ts";

const pageSize = 50;

/** Loads people whose name begins with `prefix` (empty: everyone), from the first page. */
export function searchPeople(prefix: string): Thunk<Promise<void>> {
  return async (dispatch) => {
    dispatch(peopleAskedFor(prefix));
    await dispatch(loadPage(prefix, "first"));
  };
}

/** Loads the next page of the list that is shown. */
export function loadMorePeople(): Thunk<Promise<void>> {
  return async (dispatch, getState) => {
    const { prefix, nextCursor, status } = getState().people.list;
    if (status === "loading" || nextCursor === null) return;
    dispatch(peopleAskedFor(prefix));
    await dispatch(loadPage(prefix, "next", nextCursor));
  };
}

/** Asks for the first page of the shown list once more, for statuses that changed unheard. */
export function refreshPeople(): Thunk<Promise<void>> {
  return async (dispatch, getState) => {
    const { prefix, status } = getState().people.list;
    if (status === "loaded" || status === "failed") await dispatch(loadPage(prefix, "again"));
  };
}

function loadPage(prefix: string, place: "first" | "next" | "again", cursor?: string): Thunk<Promise<void>> {
  return async (dispatch, _getState, { api }) => {
    try {
      const { users, nextCursor } = await api.people({
        q: prefix || undefined,
        limit: pageSize,
        cursor,
      });
      dispatch(peoplePageReceived({ prefix, users, nextCursor, place }));
    } catch (error) {
      const isClosed = error instanceof ProblemError && error.status === 401;
      dispatch(peopleFailed({ prefix, isClosed }));
    }
  };
}

/** Loads one person; that nobody has this id is nothing to tell. */
export function loadPerson(id: string): Thunk<Promise<void>> {
  return async (dispatch, _getState, { api }) => {
    try {
      dispatch(personReceived((await api.person(id)).user));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
    }
  };
}
