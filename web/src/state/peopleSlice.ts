import type { Person } from "@gochat/contracts/http/users";
import { createSlice, type PayloadAction } from "@reduxjs/toolkit";
import { notificationsFrames } from "./frames.ts";
import { sessionEnded, sessionStarted } from "./sessionSlice.ts";

/** A list of people as far as it is loaded: the whole directory, or those whose name begins with `prefix`. */
interface PeopleList {
  readonly prefix: string;
  readonly ids: readonly string[];
  readonly nextCursor: string | null;
  readonly status: "empty" | "loading" | "loaded" | "failed" | "closed";
}

interface PeopleState {
  readonly byId: Readonly<Record<string, Person>>;
  readonly list: PeopleList;
}

const newList = (prefix: string, status: PeopleList["status"]) => ({
  prefix,
  ids: [],
  nextCursor: null,
  status,
});
const initialState: PeopleState = { byId: {}, list: newList("", "empty") };

interface PageReceived {
  readonly prefix: string;
  readonly users: readonly Person[];
  readonly nextCursor: string | null;
  /** `again`: the first page was asked for once more; what was loaded behind it stays. */
  readonly place: "first" | "next" | "again";
}

export const peopleSlice = createSlice({
  name: "people",
  initialState,
  reducers: {
    peopleAskedFor: (state, { payload: prefix }: PayloadAction<string>) => {
      state.list =
        prefix === state.list.prefix ? { ...state.list, status: "loading" } : newList(prefix, "loading");
    },
    peoplePageReceived: (state, { payload }: PayloadAction<PageReceived>) => {
      for (const user of payload.users) state.byId[user.id] = user;
      const { list } = state;
      // An answer for a prefix that has been typed over in the meantime.
      if (payload.prefix !== list.prefix) return;
      const ids = payload.users.map(({ id }) => id);
      list.status = "loaded";
      if (payload.place === "first") list.ids = ids;
      else list.ids = [...new Set([...list.ids, ...ids])];
      if (payload.place !== "again") list.nextCursor = payload.nextCursor;
    },
    /** `closed`: the directory is not open to guests. */
    peopleFailed: (state, { payload }: PayloadAction<{ prefix: string; isClosed: boolean }>) => {
      if (payload.prefix === state.list.prefix) state.list.status = payload.isClosed ? "closed" : "failed";
    },
    personReceived: (state, { payload }: PayloadAction<Person>) => {
      state.byId[payload.id] = payload;
    },
  },
  extraReducers: (builder) =>
    builder
      .addCase(notificationsFrames["user.registered"], (state, { payload: { user } }) => {
        const known = state.byId[user.id];
        state.byId[user.id] = known ?? user;
        const { list } = state;
        if (!user.username.startsWith(list.prefix) || list.ids.includes(user.id)) return;
        if (list.status === "loaded") list.ids.push(user.id);
      })
      .addCase(notificationsFrames["user.online"], (state, { payload }) => {
        const person = state.byId[payload.userId];
        if (person) person.status = "online";
      })
      .addCase(notificationsFrames["user.offline"], (state, { payload }) => {
        const person = state.byId[payload.userId];
        if (!person) return;
        person.status = "offline";
        person.lastSeenAt = payload.lastSeenAt;
      })
      .addCase(sessionStarted, (state) => {
        state.list = newList("", "empty");
      })
      .addCase(sessionEnded, (state) => {
        state.list = newList("", "empty");
      }),
});

export const { peopleAskedFor, peoplePageReceived, peopleFailed, personReceived } = peopleSlice.actions;
