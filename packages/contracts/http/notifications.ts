import { type Static, Type } from "typebox";
import { closed, Seq, Time, Uuid } from "../primitives.ts";
import { defineEndpoint } from "./endpoint.ts";
import { Cursor, Limit, NextCursor } from "./paging.ts";

/** One entry a conversation: new messages raise `count` and replace `preview`. */
export const Notification = Type.Object({
  id: Uuid,
  type: Type.Literal("message"),
  conversationId: Uuid,
  actor: Type.Object({ id: Uuid, username: Type.String() }),
  /** Begins with the newest text, at most 140 characters. */
  preview: Type.String(),
  count: Type.Integer({ minimum: 0 }),
  /** Position of the newest message that the entry speaks of. */
  seq: Seq,
  createdAt: Time,
  readAt: Type.Union([Time, Type.Null()]),
});
export type Notification = Static<typeof Notification>;

export const listNotifications = defineEndpoint({
  method: "GET",
  path: "/api/notifications",
  tag: "notifications",
  summary: "One's own notifications, the newest first",
  access: "person",
  query: Type.Object(
    {
      unread: Type.Optional(Type.Union([Type.Literal("true"), Type.Literal("false")])),
      limit: Limit(100, 20),
      cursor: Cursor,
    },
    closed,
  ),
  status: 200,
  answer: Type.Object({
    notifications: Type.Array(Notification),
    /** How many entries are unread. */
    unreadCount: Type.Integer({ minimum: 0 }),
    nextCursor: NextCursor,
  }),
  errors: [],
});

export const readNotifications = defineEndpoint({
  method: "POST",
  path: "/api/notifications/read",
  tag: "notifications",
  summary: "Mark entries as read, by id or all",
  access: "person",
  body: Type.Union(
    [
      Type.Object({ ids: Type.Array(Uuid, { maxItems: 1000 }) }, closed),
      Type.Object({ all: Type.Literal(true) }, closed),
    ],
    { description: "must have either `ids`, up to 1,000 of them, or `all`, which is true" },
  ),
  status: 204,
  errors: [],
});
