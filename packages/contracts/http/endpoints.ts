import * as auth from "./auth.ts";
import * as conversations from "./conversations.ts";
import type { Endpoint } from "./endpoint.ts";
import * as notifications from "./notifications.ts";
import * as users from "./users.ts";

/** Every HTTP call of the public protocol, in the order in which the reference shows them. */
export const endpoints: readonly Endpoint[] = [
  auth.signUp,
  auth.signIn,
  auth.refresh,
  auth.signOut,
  auth.currentUser,
  auth.listSessions,
  auth.revokeSession,
  auth.changePassword,
  auth.publicKeys,
  users.listUsers,
  users.getUser,
  conversations.openConversation,
  conversations.listConversations,
  conversations.getConversation,
  conversations.listMessages,
  conversations.listChanges,
  notifications.listNotifications,
  notifications.readNotifications,
];
