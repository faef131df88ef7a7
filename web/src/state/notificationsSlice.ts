import type { Notification } from "@gochat/contracts/http/notifications";
import { createSlice, type PayloadAction } from "@reduxjs/toolkit";
import { readHere } from "./conversationsSlice.ts";
import { chatFrames, notificationsFrames } from "./frames.ts";
import { sessionEnded, sessionStarted } from "./sessionSlice.ts";

interface NotificationsState {
  readonly byId: Readonly<Record<string, Notification>>;
  /** Unread entries that are not loaded: the server counts them, this device has not seen them. */
  readonly unreadElsewhere: number;
  readonly nextCursor: string | null;
  readonly status: "empty" | "loading" | "loaded" | "failed";
}

const initialState: NotificationsState = { byId: {}, unreadElsewhere: 0, nextCursor: null, status: "empty" };

interface PageReceived {
  readonly notifications: readonly Notification[];
  readonly unreadCount: number;
  readonly nextCursor: string | null;
  readonly place: "first" | "next";
}

type Writable<State> = { -readonly [Name in keyof State]: State[Name] };
type Draft = Omit<Writable<NotificationsState>, "byId"> & { byId: Record<string, Writable<Notification>> };

export const notificationsSlice = createSlice({
  name: "notifications",
  initialState: initialState as NotificationsState,
  reducers: {
    notificationsAskedFor: (state) => {
      state.status = "loading";
    },
    notificationsPageReceived: (state, { payload }: PayloadAction<PageReceived>) => {
      if (payload.place === "first") state.byId = {};
      for (const entry of payload.notifications) state.byId[entry.id] = entry;
      state.unreadElsewhere = Math.max(0, payload.unreadCount - countUnread(state.byId));
      state.nextCursor = payload.nextCursor;
      state.status = "loaded";
    },
    notificationsFailed: (state) => {
      state.status = "failed";
    },
    /** Marked read by hand: these entries, or all of them. */
    notificationsRead: (
      state,
      { payload }: PayloadAction<{ ids: readonly string[] | "all"; at: string }>,
    ) => {
      for (const entry of Object.values((state as Draft).byId)) {
        if (payload.ids === "all" || payload.ids.includes(entry.id)) entry.readAt ??= payload.at;
      }
      if (payload.ids === "all") state.unreadElsewhere = 0;
    },
  },
  extraReducers: (builder) =>
    builder
      .addCase(notificationsFrames.notification, (state, { payload: { notification } }) => {
        // An entry that this device never loaded and that counts more than one message was unread already.
        const wasElsewhere = !state.byId[notification.id] && notification.count > 1;
        if (wasElsewhere && state.unreadElsewhere > 0) state.unreadElsewhere--;
        state.byId[notification.id] = notification;
      })
      .addCase(notificationsFrames["notification.read"], (state, { payload }) => {
        readUpTo(state, payload.conversationId, payload.readSeq);
      })
      .addCase(readHere, (state, { payload }) => {
        readUpTo(state, payload.conversationId, payload.seq);
      })
      .addCase(chatFrames["message.stored"], (state, { payload }) => {
        const entry = entryOf(state, payload.conversationId);
        // One's own answer, from any device, has read what came before it.
        if (entry && entry.actor.id !== payload.message.senderId)
          readUpTo(state, payload.conversationId, payload.seq);
      })
      .addCase(sessionStarted, () => initialState)
      .addCase(sessionEnded, () => initialState),
});

function entryOf(state: Draft, conversationId: string): Writable<Notification> | undefined {
  return Object.values(state.byId).find((entry) => entry.conversationId === conversationId);
}

function readUpTo(state: Draft, conversationId: string, seq: number): void {
  const entry = entryOf(state, conversationId);
  // When it was read is for the server to say; nothing here shows it.
  if (entry && entry.seq <= seq) entry.readAt ??= entry.createdAt;
}

function countUnread(byId: Readonly<Record<string, Notification>>): number {
  return Object.values(byId).filter(({ readAt }) => readAt === null).length;
}

export const { notificationsAskedFor, notificationsPageReceived, notificationsFailed, notificationsRead } =
  notificationsSlice.actions;
