import type { Conversation, Message } from "@gochat/contracts/http/conversations";
import type { Notification } from "@gochat/contracts/http/notifications";
import type { Person } from "@gochat/contracts/http/users";
import type { UnknownAction } from "@reduxjs/toolkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conversationReceived, readHere } from "./conversationsSlice.ts";
import { chatFrameAction, chatFrames, notificationsFrames } from "./frames.ts";
import { stretchReceived } from "./messagesSlice.ts";
import { notificationsPageReceived } from "./notificationsSlice.ts";
import { peopleAskedFor, peoplePageReceived } from "./peopleSlice.ts";
import { selectListedPeople, selectReadSeq, selectUnread, selectUnreadEntries } from "./selectors.ts";
import { sessionEnded, sessionStarted } from "./sessionSlice.ts";
import { type RootState, rootReducer } from "./state.ts";

const [me, other] = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"];
const id = "00000000-0000-8000-8000-000000000003";
const time = "2026-06-17T12:00:00.000Z";
const signedIn = sessionStarted({ id: me, username: "ana", email: "ana@example.org" });

const run = (...actions: UnknownAction[]): RootState =>
  actions.reduce(rootReducer, rootReducer(undefined, signedIn));
const message = (seq: number, senderId: string): Message => ({
  conversationId: id,
  seq,
  id: `id-${seq}`,
  senderId,
  body: `text ${seq}`,
  createdAt: time,
  digest: "",
});
const stored = (seq: number, senderId: string) =>
  chatFrames["message.stored"]({
    type: "message.stored",
    conversationId: id,
    seq,
    message: message(seq, senderId),
  });
const read = (userId: string, readSeq: number) =>
  chatFrames["message.read"]({ type: "message.read", conversationId: id, userId, readSeq });
const conversation = (headSeq: number, unreadCount: number, readSeq: number): UnknownAction =>
  conversationReceived({
    id,
    kind: "direct",
    members: [
      { userId: me, username: "ana", readSeq },
      { userId: other, username: "bob", readSeq: headSeq },
    ],
    headSeq,
    lastMessage: headSeq > 0 ? message(headSeq, other) : null,
    unreadCount,
    createdAt: time,
  } satisfies Conversation);
const entry = (seq: number, count: number, name = "entry"): Notification => ({
  id: name,
  type: "message",
  conversationId: id,
  actor: { id: other, username: "bob" },
  preview: "text",
  count,
  seq,
  createdAt: time,
  readAt: null,
});
const notified = (notification: Notification) =>
  notificationsFrames.notification({ type: "notification", notification });

describe("unread messages", () => {
  it("are the server's count and what came since", () => {
    const state = run(conversation(10, 4, 6), stored(11, other), stored(11, other), stored(12, me));
    expect(selectUnread(run(conversation(10, 4, 6), stored(11, other)), id)).toBe(5);
    // Writing is reading.
    expect(selectUnread(state, id)).toBe(0);
  });

  it("go when they are read, here or elsewhere", () => {
    expect(
      selectUnread(run(conversation(10, 4, 6), readHere({ conversationId: id, userId: me, seq: 10 })), id),
    ).toBe(0);
    expect(selectUnread(run(conversation(10, 4, 6), read(me, 10), stored(11, other)), id)).toBe(1);
  });

  it("equal those of a reload, whatever order things are heard in", () => {
    const step = fc.record({
      what: fc.constantFrom("stored", "read", "page"),
      at: fc.integer({ min: 1, max: 12 }),
    });
    const sender = (seq: number) => (seq % 3 === 0 ? me : other);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let readSeq = 0;
        const actions = steps.map(({ what, at }) => {
          if (what === "stored") return stored(at, sender(at));
          if (what === "page") {
            const messages = Array.from({ length: at }, (_, index) => message(index + 1, sender(index + 1)));
            return stretchReceived({ conversationId: id, stretch: { from: 1, to: at, messages } });
          }
          readSeq = Math.max(readSeq, at);
          return read(me, at);
        });
        const all = Array.from({ length: 12 }, (_, index) => message(index + 1, sender(index + 1)));
        const whole = stretchReceived({ conversationId: id, stretch: { from: 1, to: 12, messages: all } });
        const state = run(conversation(0, 0, 0), ...actions, whole, read(me, 12 - 3));
        const position = selectReadSeq(state, id, me);
        const expected = all.filter(({ seq, senderId }) => senderId !== me && seq > position).length;
        expect(selectUnread(state, id)).toBe(expected);
        expect(position).toBeGreaterThanOrEqual(readSeq);
      }),
    );
  });
});

describe("read positions", () => {
  it("follow frames and messages, and never move back", () => {
    const state = run(
      conversation(10, 0, 10),
      stored(11, me),
      stored(12, other),
      read(other, 3),
      read(me, 4),
    );
    expect(selectReadSeq(state, id, other)).toBe(12);
    expect(selectReadSeq(state, id, me)).toBe(11);
  });
});

describe("notifications", () => {
  it("count entries, once each, loaded or not", () => {
    const page = notificationsPageReceived({
      notifications: [entry(5, 1)],
      unreadCount: 3,
      nextCursor: "more",
      place: "first",
    });
    expect(selectUnreadEntries(run(page))).toBe(3);
    expect(selectUnreadEntries(run(page, notified(entry(6, 2))))).toBe(3);
    expect(selectUnreadEntries(run(page, notified(entry(6, 4, "not loaded"))))).toBe(3);
    expect(selectUnreadEntries(run(page, notified(entry(6, 1, "new"))))).toBe(4);
  });

  it("are read when the conversation is, even before the server says so", () => {
    const state = run(
      conversation(5, 1, 4),
      readHere({ conversationId: id, userId: me, seq: 5 }),
      notified(entry(5, 1)),
    );
    expect(selectUnreadEntries(state)).toBe(0);
  });
});

describe("people", () => {
  const person = (name: string, status: Person["status"]): Person => ({
    id: name,
    username: name,
    status,
    lastSeenAt: null,
  });
  const page = peoplePageReceived({
    prefix: "",
    users: [person("bob", "online"), person("eve", "offline")],
    nextCursor: null,
    place: "first",
  });
  const names = (state: RootState) => selectListedPeople(state).map(({ username }) => username);

  it("move up when they come online, and newcomers appear", () => {
    const eveOnline = notificationsFrames["user.online"]({ type: "user.online", userId: "eve", at: time });
    const bobGone = notificationsFrames["user.offline"]({
      type: "user.offline",
      userId: "bob",
      lastSeenAt: time,
    });
    const joined = notificationsFrames["user.registered"]({
      type: "user.registered",
      user: person("ada", "offline"),
    });
    expect(names(run(page, eveOnline, bobGone, joined))).toEqual(["eve", "ada", "bob"]);
  });

  it("are not those of a search that was typed over", () => {
    const late = peoplePageReceived({
      prefix: "b",
      users: [person("bob", "online")],
      nextCursor: null,
      place: "first",
    });
    expect(names(run(page, peopleAskedFor("e"), late))).toEqual([]);
  });
});

describe("a session", () => {
  it("takes with it what belonged to it", () => {
    const state = run(
      conversation(10, 4, 6),
      stored(11, other),
      notified(entry(5, 1)),
      sessionEnded("signed out"),
    );
    expect(state.conversations.byId).toEqual({});
    expect(state.messages.byConversation).toEqual({});
    expect(selectUnreadEntries(state)).toBe(0);
  });
});

describe("frames", () => {
  it("of a newer server are no action", () => {
    expect(chatFrameAction({ type: "message.sung" } as never)).toBeUndefined();
    expect(chatFrameAction({ type: "toString" } as never)).toBeUndefined();
  });
});
