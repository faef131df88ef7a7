import { type Static, Type } from "typebox";
import { Time, Username, Uuid } from "../primitives.ts";
import { defineEvent } from "./event.ts";

export const userRegistered = defineEvent({
  name: "user.registered",
  exchange: "UserEventsExchange",
  producer: "auth",
  consumers: { users: "service", messages: "service", notifications: "node" },
  summary: "An account was made.",
  schema: Type.Object({ userId: Uuid, username: Username, at: Time }),
});
export type UserRegistered = Static<typeof userRegistered.schema>;

export const userListed = defineEvent({
  name: "user.listed",
  exchange: "UserEventsExchange",
  producer: "auth",
  consumers: { users: "service", messages: "service" },
  summary: "An account is there; said now and then for whoever missed that it was made.",
  schema: userRegistered.schema,
});

export const userLoggedIn = defineEvent({
  name: "user.logged.in",
  exchange: "UserEventsExchange",
  producer: "auth",
  consumers: { users: "service" },
  summary: "A person signed in: a new session.",
  schema: Type.Object({ userId: Uuid, sessionId: Uuid, at: Time }),
});
export type UserLoggedIn = Static<typeof userLoggedIn.schema>;

export const userSignedOut = defineEvent({
  name: "user.signed.out",
  exchange: "UserEventsExchange",
  producer: "auth",
  consumers: { users: "service" },
  summary: "A person signed out: one session ended by its owner.",
  schema: Type.Object({ userId: Uuid, sessionId: Uuid, at: Time }),
});
export type UserSignedOut = Static<typeof userSignedOut.schema>;

export const sessionRevoked = defineEvent({
  name: "session.revoked",
  exchange: "UserEventsExchange",
  producer: "auth",
  consumers: { auth: "node", users: "node", chat: "node", messages: "node", notifications: "node" },
  summary: "A session ended, however: its access tokens are refused and its sockets closed, on every node.",
  schema: Type.Object({
    userId: Uuid,
    sessionId: Uuid,
    at: Time,
    /** When the last access token of the session ends by itself; after that nothing need remember it. */
    tokensEndAt: Time,
  }),
});
export type SessionRevoked = Static<typeof sessionRevoked.schema>;

export const userOnline = defineEvent({
  name: "user.online",
  exchange: "UserEventsExchange",
  producer: "notifications",
  consumers: { users: "service", notifications: "node" },
  summary: "The first connection of a person opened.",
  schema: Type.Object({ userId: Uuid, at: Time }),
});
export type UserOnline = Static<typeof userOnline.schema>;

export const userOffline = defineEvent({
  name: "user.offline",
  exchange: "UserEventsExchange",
  producer: "notifications",
  consumers: { users: "service", notifications: "node" },
  summary: "The last connection of a person closed or expired.",
  schema: Type.Object({ userId: Uuid, lastSeenAt: Time }),
});
export type UserOffline = Static<typeof userOffline.schema>;

export const presenceListed = defineEvent({
  name: "presence.listed",
  exchange: "UserEventsExchange",
  producer: "notifications",
  consumers: { users: "service" },
  summary: "Since when a person is online, or was last seen; said again for whoever missed it.",
  schema: Type.Object({ userId: Uuid, online: Type.Boolean(), at: Time }),
});
export type PresenceListed = Static<typeof presenceListed.schema>;
