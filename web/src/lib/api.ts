import type * as auth from "@gochat/contracts/http/auth";
import type * as conversations from "@gochat/contracts/http/conversations";
import type { AnswerOf, BodyOf, Endpoint, QueryOf } from "@gochat/contracts/http/endpoint";
import type * as notifications from "@gochat/contracts/http/notifications";
import type * as users from "@gochat/contracts/http/users";
import { query, type Request } from "./http.ts";

/** A query whose parts may also be left undefined. */
type Options<E extends Endpoint> = { readonly [Name in keyof QueryOf<E>]?: QueryOf<E>[Name] | undefined };

export type Api = ReturnType<typeof createApi>;

/** The calls that the client makes, with the types of the contracts; the schemas themselves stay on the server. */
export function createApi(request: Request) {
  const conversationPath = (id: string) => `/api/conversations/${encodeURIComponent(id)}`;
  return {
    signUp: (body: BodyOf<typeof auth.signUp>) =>
      request<AnswerOf<typeof auth.signUp>>("POST", "/api/auth/signup", body),
    signIn: (body: BodyOf<typeof auth.signIn>) =>
      request<AnswerOf<typeof auth.signIn>>("POST", "/api/auth/signin", body),
    signOut: () => request<void>("POST", "/api/auth/signout"),
    currentUser: () => request<AnswerOf<typeof auth.currentUser>>("GET", "/api/auth/currentuser"),
    sessions: () => request<AnswerOf<typeof auth.listSessions>>("GET", "/api/auth/sessions"),
    revokeSession: (id: string) => request<void>("DELETE", `/api/auth/sessions/${encodeURIComponent(id)}`),
    changePassword: (body: BodyOf<typeof auth.changePassword>) =>
      request<void>("POST", "/api/auth/password", body),

    people: (options: Options<typeof users.listUsers>) =>
      request<AnswerOf<typeof users.listUsers>>("GET", `/api/users${query(options)}`),
    person: (id: string) =>
      request<AnswerOf<typeof users.getUser>>("GET", `/api/users/${encodeURIComponent(id)}`),

    conversations: (options: Options<typeof conversations.listConversations>) =>
      request<AnswerOf<typeof conversations.listConversations>>("GET", `/api/conversations${query(options)}`),
    conversation: (id: string) =>
      request<AnswerOf<typeof conversations.getConversation>>("GET", conversationPath(id)),
    messages: (id: string, options: Options<typeof conversations.listMessages>) =>
      request<AnswerOf<typeof conversations.listMessages>>(
        "GET",
        `${conversationPath(id)}/messages${query(options)}`,
      ),
    changes: (id: string, options: Options<typeof conversations.listChanges>) =>
      request<AnswerOf<typeof conversations.listChanges>>(
        "GET",
        `${conversationPath(id)}/changes${query(options)}`,
      ),

    notifications: (options: Options<typeof notifications.listNotifications>) =>
      request<AnswerOf<typeof notifications.listNotifications>>("GET", `/api/notifications${query(options)}`),
    readNotifications: (body: BodyOf<typeof notifications.readNotifications>) =>
      request<void>("POST", "/api/notifications/read", body),
  };
}
