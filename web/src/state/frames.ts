import type { ChatServerFrame } from "@gochat/contracts/sockets/chat";
import type { NotificationsServerFrame } from "@gochat/contracts/sockets/notifications";
import { type Action, createAction, prepareAutoBatched } from "@reduxjs/toolkit";

type ChatFrame<Type extends ChatServerFrame["type"]> = Extract<ChatServerFrame, { type: Type }>;
type NotificationsFrame<Type extends NotificationsServerFrame["type"]> = Extract<
  NotificationsServerFrame,
  { type: Type }
>;

/** Drawn with all that came since the last animation frame; `create-store.ts` says when. */
const frameAction = <Frame, Type extends string>(type: Type) =>
  createAction(type, prepareAutoBatched<Frame>());
const chatFrame = <Type extends ChatServerFrame["type"]>(type: Type) =>
  frameAction<ChatFrame<Type>, `chat/frameReceived/${Type}`>(`chat/frameReceived/${type}`);
const notificationsFrame = <Type extends NotificationsServerFrame["type"]>(type: Type) =>
  frameAction<NotificationsFrame<Type>, `notifications/frameReceived/${Type}`>(
    `notifications/frameReceived/${type}`,
  );

/** What the chat socket said, as actions that happened; any slice may react. */
export const chatFrames = {
  "message.stored": chatFrame("message.stored"),
  "message.rejected": chatFrame("message.rejected"),
  "message.read": chatFrame("message.read"),
  typing: chatFrame("typing"),
  head: chatFrame("head"),
} as const;

/** What the notification socket said. */
export const notificationsFrames = {
  "user.registered": notificationsFrame("user.registered"),
  "user.online": notificationsFrame("user.online"),
  "user.offline": notificationsFrame("user.offline"),
  notification: notificationsFrame("notification"),
  "notification.read": notificationsFrame("notification.read"),
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
