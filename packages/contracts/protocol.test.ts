import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { describe, expect, test } from "vitest";
import { events } from "./events/events.ts";
import * as auth from "./http/auth.ts";
import * as conversations from "./http/conversations.ts";
import { endpoints } from "./http/endpoints.ts";
import * as notifications from "./http/notifications.ts";
import { Problem } from "./http/problem.ts";
import * as users from "./http/users.ts";
import { limits } from "./limits.ts";
import { chatClientFrames, chatServerFrames } from "./sockets/chat.ts";
import { notificationsClientFrames, notificationsServerFrames } from "./sockets/notifications.ts";

const ana = "0b0e7a52-8f5c-4b0a-9d1e-3a6f2c4d5e6f";
const bob = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const at = "2026-03-01T12:00:00.000Z";
const digest = `${"A".repeat(43)}=`;
const message = { conversationId: ana, seq: 1, id: bob, senderId: ana, body: "Hello", createdAt: at, digest };
const person = { id: ana, username: "ana", status: "online", lastSeenAt: null };
const conversation = {
  id: bob,
  kind: "direct",
  members: [{ userId: ana, username: "ana", readSeq: 0 }],
  headSeq: 1,
  lastMessage: message,
  unreadCount: 100,
  createdAt: at,
};
const notification = {
  id: ana,
  type: "message",
  conversationId: bob,
  actor: { id: bob, username: "bob" },
  preview: "Hello",
  count: 1,
  seq: 1,
  createdAt: at,
  readAt: null,
};
const account = { email: "ana@example.org", username: "ana", password: "correct horse" };

/** One row: what it is, its schema, what fits and what does not. */
const table: [string, TSchema, object[], unknown[]][] = [
  [
    "sign-up",
    auth.signUp.body,
    [account, { ...account, username: "a.n-a_9" }, { ...account, password: "x".repeat(256) }],
    [
      { ...account, username: "Ana" },
      { ...account, username: "an" },
      { ...account, username: "x".repeat(33) },
      { ...account, username: "ana." },
      { ...account, username: "ana\n" },
      { ...account, password: "short" },
      { ...account, password: "x".repeat(257) },
      { ...account, email: "nobody" },
      { ...account, email: "a\0na@example.org" },
      { ...account, admin: true },
      JSON.parse('{"email":"a@b.c","username":"ana","password":"correct horse","__proto__":{}}'),
      { email: account.email, username: "ana" },
      null,
      [],
      "",
    ],
  ],
  [
    "sign-in",
    auth.signIn.body,
    [{ email: "x", password: "y" }],
    [{ email: "x" }, { email: 1, password: "y" }],
  ],
  ["sign-in's answer", auth.signIn.answer, [{ user: { id: ana, username: "ana", email: "a@b.c" } }], [{}]],
  [
    "a page of people",
    users.listUsers.query,
    [{}, { sort: "username", direction: "asc", q: "an", limit: 100, cursor: "abc_-9" }],
    [{ limit: 0 }, { limit: 101 }, { limit: 1.5 }, { sort: "age" }, { cursor: "" }, { page: 2 }],
  ],
  [
    "a person",
    users.Person,
    [person, { ...person, status: "unknown", lastSeenAt: at }],
    [
      { ...person, status: "away" },
      { ...person, lastSeenAt: "yesterday" },
      { ...person, id: ana.toUpperCase() },
    ],
  ],
  [
    "opening",
    conversations.openConversation.body,
    [{ userId: ana }],
    [{}, { userId: "1" }, { userId: ana, x: 1 }],
  ],
  [
    "a conversation",
    conversations.Conversation,
    [conversation, { ...conversation, headSeq: 0, lastMessage: null }],
    [
      { ...conversation, unreadCount: 101 },
      { ...conversation, kind: "group" },
      { ...conversation, lastMessage: { ...message, digest: digest.slice(1) } },
    ],
  ],
  [
    "changes",
    conversations.listChanges.query,
    [{ after: 0 }, { after: 7, limit: 500 }],
    [{}, { after: -1 }, { after: 0, limit: 501 }],
  ],
  [
    "history",
    conversations.listMessages.query,
    [{}, { before: 1 }, { around: 5, limit: 1 }],
    [{ before: "x" }, { limit: 101 }],
  ],
  [
    "marking as read",
    notifications.readNotifications.body,
    [{ ids: [ana] }, { ids: [] }, { all: true }],
    [{}, { all: false }, { ids: new Array(1_001).fill(ana) }, { ids: [ana], all: true }],
  ],
  [
    "a problem",
    Problem,
    [{ type: "about:blank", title: "t", status: 400, detail: "d", code: "INVALID_INPUT" }],
    [{}],
  ],
  [
    "message.send",
    chatClientFrames["message.send"],
    [
      { type: "message.send", id: ana, to: bob, body: "Hello" },
      { type: "message.send", id: ana, conversationId: bob, body: "Hello", replyTo: ana },
    ],
    [
      { type: "message.send", id: ana, to: bob },
      { type: "message.send", id: "1", to: bob, body: "Hello" },
      { type: "message.send", id: ana, to: bob, body: 7 },
      { type: "message.send", id: ana, to: bob, body: "Hello", senderId: ana },
    ],
  ],
  [
    "message.read",
    chatClientFrames["message.read"],
    [{ type: "message.read", conversationId: ana, seq: 0 }],
    [
      { type: "message.read", conversationId: ana, seq: -1 },
      { type: "message.read", conversationId: ana, seq: 2 ** 53 },
    ],
  ],
  ["typing", chatClientFrames.typing, [{ type: "typing", conversationId: ana }], [{ type: "typing" }]],
  [
    "resume",
    chatClientFrames.resume,
    [
      { type: "resume", heads: {} },
      { type: "resume", heads: { [ana]: 3 } },
    ],
    [
      { type: "resume", heads: [] },
      { type: "resume", heads: { [ana]: "3" } },
      { type: "resume", heads: { ana: 3 } },
      { type: "resume", heads: { [`${ana}\n`]: "3" } },
    ],
  ],
  [
    "message.stored",
    chatServerFrames["message.stored"],
    [{ type: "message.stored", conversationId: ana, seq: 1, message }],
    [{ type: "message.stored", conversationId: ana, seq: 0, message }],
  ],
  [
    "message.rejected",
    chatServerFrames["message.rejected"],
    [{ type: "message.rejected", id: ana, code: "BUSY", detail: "Later.", retryAfterMs: 500 }],
    [{ type: "message.rejected", id: ana, code: "WHATEVER", detail: "Later." }],
  ],
  [
    "presence.watch",
    notificationsClientFrames["presence.watch"],
    [
      { type: "presence.watch", userIds: [] },
      { type: "presence.watch", userIds: [ana, bob] },
    ],
    [{ type: "presence.watch" }, { type: "presence.watch", userIds: ["ana"] }],
  ],
  [
    "notification",
    notificationsServerFrames.notification,
    [{ type: "notification", notification }],
    [{ type: "notification", notification: { ...notification, type: "call" } }],
  ],
];

describe("the schemas keep the protocol", () => {
  test("presence.watch takes as many people as a frame can hold", () => {
    const watch = (count: number) => ({
      type: "presence.watch",
      userIds: new Array<string>(count).fill(ana),
    });
    let count = 1;
    while (JSON.stringify(watch(count + 1)).length <= limits.maxFrameBytes) count++;
    expect(count).toBeGreaterThan(1_000);
    expect(Compile(notificationsClientFrames["presence.watch"]).Check(watch(count))).toBe(true);
  });

  test.each(table)("%s", (_name, schema, fitting, unfitting) => {
    const validator = Compile(schema);
    for (const value of fitting) expect([value, validator.Check(value)]).toEqual([value, true]);
    for (const value of unfitting) expect([value, validator.Check(value)]).toEqual([value, false]);
  });

  test("the paths and answers of the HTTP calls are those of the protocol", () => {
    const calls = endpoints.map((endpoint) => `${endpoint.method} ${endpoint.path} ${endpoint.status}`);
    expect(calls.sort()).toEqual([
      "DELETE /api/auth/sessions/:id 204",
      "GET /api/auth/currentuser 200",
      "GET /api/auth/jwks.json 200",
      "GET /api/auth/sessions 200",
      "GET /api/conversations 200",
      "GET /api/conversations/:id 200",
      "GET /api/conversations/:id/changes 200",
      "GET /api/conversations/:id/messages 200",
      "GET /api/notifications 200",
      "GET /api/users 200",
      "GET /api/users/:id 200",
      "POST /api/auth/password 204",
      "POST /api/auth/refresh 204",
      "POST /api/auth/signin 200",
      "POST /api/auth/signout 204",
      "POST /api/auth/signup 201",
      "POST /api/conversations 200",
      "POST /api/notifications/read 204",
    ]);
  });

  test("the events of the protocol are there, under their exchange", () => {
    const named = (exchange: string) =>
      events.filter((event) => event.exchange === exchange).map((event) => event.name);
    expect(named("UserEventsExchange")).toEqual(
      expect.arrayContaining([
        "user.registered",
        "user.logged.in",
        "user.signed.out",
        "user.online",
        "user.offline",
        "session.revoked",
      ]),
    );
    expect(named("MessageEventsExchange")).toEqual(
      expect.arrayContaining(["message.sent", "message.stored", "message.rejected", "message.read"]),
    );
    const keyed = events.filter(({ key }) => key).map(({ name }) => name);
    expect(keyed).toEqual(["message.sent", "message.seen", "heads.answered"]);
  });
});
