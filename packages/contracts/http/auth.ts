import { type Static, Type } from "typebox";
import { closed, Time, Username, Uuid } from "../primitives.ts";
import { defineEndpoint } from "./endpoint.ts";

export const Account = Type.Object({ id: Uuid, username: Type.String(), email: Type.String() });
export type Account = Static<typeof Account>;
const WithUser = Type.Object({ user: Account });

/** E-mail and username are folded to lower case before this schema sees them. */
export const Email = Type.String({
  minLength: 3,
  maxLength: 254,
  pattern: "^[^\\s@\\u0000]+@[^\\s@\\u0000]+$",
  description: "must be an e-mail address",
});
export const NewPassword = Type.String({
  minLength: 8,
  maxLength: 256,
  description: "must be 8 to 256 characters",
});
/** Any string may be tried; its length is bounded before it is hashed. */
export const Password = Type.String({
  minLength: 1,
  maxLength: 256,
  description: "must be 1 to 256 characters",
});

export const Session = Type.Object({
  id: Uuid,
  createdAt: Time,
  lastUsedAt: Time,
  userAgent: Type.Union([Type.String(), Type.Null()]),
  ip: Type.Union([Type.String(), Type.Null()]),
  current: Type.Boolean(),
});
export type Session = Static<typeof Session>;

export const signUp = defineEndpoint({
  method: "POST",
  path: "/api/auth/signup",
  tag: "auth",
  summary: "Make an account and sign in",
  access: "anyone",
  body: Type.Object({ email: Email, username: Username, password: NewPassword }, closed),
  status: 201,
  answer: WithUser,
  errors: ["EMAIL_OR_USERNAME_TAKEN"],
});

export const signIn = defineEndpoint({
  method: "POST",
  path: "/api/auth/signin",
  tag: "auth",
  summary: "Sign in",
  access: "anyone",
  body: Type.Object({ email: Type.String({ minLength: 1, maxLength: 254 }), password: Password }, closed),
  status: 200,
  answer: WithUser,
  errors: ["INVALID_CREDENTIALS"],
});

export const refresh = defineEndpoint({
  method: "POST",
  path: "/api/auth/refresh",
  tag: "auth",
  summary: "Rotate the cookies of this session",
  access: "anyone",
  status: 204,
  errors: ["SESSION_EXPIRED"],
});

export const signOut = defineEndpoint({
  method: "POST",
  path: "/api/auth/signout",
  tag: "auth",
  summary: "End this session and close its sockets",
  access: "anyone",
  status: 204,
  errors: [],
});

export const currentUser = defineEndpoint({
  method: "GET",
  path: "/api/auth/currentuser",
  tag: "auth",
  summary: "Who is signed in",
  access: "person",
  status: 200,
  answer: WithUser,
  errors: [],
});

export const listSessions = defineEndpoint({
  method: "GET",
  path: "/api/auth/sessions",
  tag: "auth",
  summary: "The sessions of the person",
  access: "person",
  status: 200,
  answer: Type.Object({ sessions: Type.Array(Session) }),
  errors: [],
});

export const revokeSession = defineEndpoint({
  method: "DELETE",
  path: "/api/auth/sessions/:id",
  tag: "auth",
  summary: "End one session and close its sockets",
  access: "person",
  params: Type.Object({ id: Uuid }),
  status: 204,
  errors: ["NOT_FOUND"],
});

export const changePassword = defineEndpoint({
  method: "POST",
  path: "/api/auth/password",
  tag: "auth",
  summary: "Change the password and end every other session",
  access: "person",
  body: Type.Object({ currentPassword: Password, newPassword: NewPassword }, closed),
  status: 204,
  errors: ["WRONG_PASSWORD"],
});

export const publicKeys = defineEndpoint({
  method: "GET",
  path: "/api/auth/jwks.json",
  tag: "auth",
  summary: "The public keys that verify an access token (RFC 7517)",
  access: "anyone",
  status: 200,
  answer: Type.Object({
    keys: Type.Array(
      Type.Object({
        kty: Type.String(),
        crv: Type.String(),
        x: Type.String(),
        kid: Type.String(),
        alg: Type.String(),
        use: Type.String(),
      }),
    ),
  }),
  errors: [],
});
