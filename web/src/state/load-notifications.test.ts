import type { Conversation } from "@gochat/contracts/http/conversations";
import type { Notification } from "@gochat/contracts/http/notifications";
import { configureStore } from "@reduxjs/toolkit";
import { expect, test } from "vitest";
import type { Api } from "../lib/api.ts";
import { conversationReceived } from "./conversationsSlice.ts";
import { readAllNotifications } from "./load-notifications.ts";
import { notificationsPageReceived } from "./notificationsSlice.ts";
import { selectReadSeq, selectUnread, selectUnreadBeside, selectUnreadEntries } from "./selectors.ts";
import { sessionStarted } from "./sessionSlice.ts";
import { rootReducer } from "./state.ts";

const me = "00000000-0000-4000-8000-000000000001";
const createdAt = "2026-06-17T12:00:00.000Z";

function storeWith(readNotifications: Api["readNotifications"] = async () => undefined) {
  const api = { readNotifications } as Api;
  const store = configureStore({
    reducer: rootReducer,
    middleware: (getDefault) => getDefault({ thunk: { extraArgument: { api } } }),
  });
  store.dispatch(sessionStarted({ id: me, username: "ana", email: "ana@example.org" }));
  const notifications = [entry("listed", 3), entry("unlisted", 9)];
  store.dispatch(
    notificationsPageReceived({ notifications, unreadCount: 2, nextCursor: null, place: "first" }),
  );
  store.dispatch(conversationReceived(conversation("listed", 4)));
  return store;
}

function entry(conversationId: string, seq: number): Notification {
  const actor = { id: conversationId, username: conversationId };
  const id = `entry ${conversationId}`;
  return {
    id,
    type: "message",
    conversationId,
    actor,
    preview: "text",
    count: 1,
    seq,
    createdAt,
    readAt: null,
  };
}

function conversation(id: string, headSeq: number): Conversation {
  const members = [
    { userId: me, username: "ana", readSeq: 0 },
    { userId: id, username: id, readSeq: headSeq },
  ];
  return { id, kind: "direct", members, headSeq, lastMessage: null, unreadCount: headSeq, createdAt };
}

test("marking everything as read reads the conversations too, as far as was heard of them", async () => {
  const said: unknown[] = [];
  const store = storeWith(async (body) => void said.push(body));
  expect(selectUnread(store.getState(), "listed")).toBe(4);
  await store.dispatch(readAllNotifications());
  expect(said).toEqual([{ all: true }]);
  expect(selectUnread(store.getState(), "listed")).toBe(0);
  expect(selectReadSeq(store.getState(), "listed", me)).toBe(4);
  expect(selectUnreadEntries(store.getState())).toBe(0);
});

test("what came elsewhere leaves out the conversation that is open", () => {
  const state = storeWith().getState();
  expect(selectUnreadBeside(state, "listed")).toBe(1);
  expect(selectUnreadBeside(state, "somewhere else")).toBe(2);
});
