import { type Static, Type } from "typebox";
import { closed, Time, Uuid } from "../primitives.ts";
import { defineEndpoint } from "./endpoint.ts";
import { Cursor, Limit, NextCursor } from "./paging.ts";

export const PersonStatus = Type.Union([
  Type.Literal("online"),
  Type.Literal("offline"),
  Type.Literal("unknown"),
]);

/** What others see of a person. */
export const Person = Type.Object({
  id: Uuid,
  username: Type.String(),
  status: PersonStatus,
  lastSeenAt: Type.Union([Time, Type.Null()]),
});
export type Person = Static<typeof Person>;

/** With `GUEST_DIRECTORY=off` the directory is for people only. */
const guestsMayBeRefused = ["UNAUTHENTICATED"] as const;

export const listUsers = defineEndpoint({
  method: "GET",
  path: "/api/users",
  tag: "users",
  summary: "The directory: online people first, then by username",
  access: "anyone",
  query: Type.Object(
    {
      sort: Type.Optional(Type.Union([Type.Literal("status"), Type.Literal("username")])),
      direction: Type.Optional(Type.Union([Type.Literal("asc"), Type.Literal("desc")])),
      q: Type.Optional(Type.String({ maxLength: 32 })),
      limit: Limit(100, 20),
      cursor: Cursor,
    },
    closed,
  ),
  status: 200,
  answer: Type.Object({ users: Type.Array(Person), nextCursor: NextCursor }),
  errors: guestsMayBeRefused,
});

export const getUser = defineEndpoint({
  method: "GET",
  path: "/api/users/:id",
  tag: "users",
  summary: "One person",
  access: "anyone",
  params: Type.Object({ id: Uuid }),
  status: 200,
  answer: Type.Object({ user: Person }),
  errors: [...guestsMayBeRefused, "NOT_FOUND"],
});
