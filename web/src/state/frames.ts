import type { ChatServerFrame } from "@gochat/contracts/sockets/chat";
import type { NotificationsServerFrame } from "@gochat/contracts/sockets/notifications";
import { type Action, createAction } from "@reduxjs/toolkit";

type ChatFrame<Type extends ChatServerFrame["type"]> = Extract<ChatServerFrame, { type: Type }>;
type NotificationsFrame<Type extends NotificationsServerFrame["type"]> = Extract<
  NotificationsServerFrame,
  { type: Type }
>;

/** What the chat socket said, as actions that happened; any slice may react. */
export const chatFrames = {
  "message.stored": createAction<ChatFrame<"message.stored">>("chat/frameReceived/message.stored"),
  "message.rejected": createAction<ChatFrame<"message.rejected">>("chat/frameReceived/message.rejected"),
  "message.read": createAction<ChatFrame<"message.read">>("chat/frameReceived/message.read"),
  typing: createAction<ChatFrame<"typing">>("chat/frameReceived/typing"),
  head: createAction<ChatFrame<"head">>("chat/frameReceived/head"),
} as const;

/** What the notification socket said. */
export const notificationsFrames = {
  "user.registered": createAction<NotificationsFrame<"user.registered">>(
    "notifications/frameReceived/user.registered",
  ),
  "user.online": createAction<NotificationsFrame<"user.online">>("notifications/frameReceived/user.online"),
  "user.offline": createAction<NotificationsFrame<"user.offline">>(
    "notifications/frameReceived/user.offline",
  ),
  notification: createAction<NotificationsFrame<"notification">>("notifications/frameReceived/notification"),
  "notification.read": createAction<NotificationsFrame<"notification.read">>(
    "notifications/frameReceived/notification.read",
  ),
} as const;

/** The action for a frame, or undefined for frames of the connection itself and of a newer server. */
export function chatFrameAction(frame: ChatServerFrame): Action | undefined {
  return actionFor(chatFrames, frame);
}

export function notificationsFrameAction(frame: NotificationsServerFrame): Action | undefined {
  return actionFor(notificationsFrames, frame);
}

function actionFor(table: object, frame: { type: string }): Action | undefined {
  if (!Object.hasOwn(table, frame.type)) return undefined;
  const create = (table as Record<string, (frame: unknown) => Action>)[frame.type]!;
  return create(frame);
}
