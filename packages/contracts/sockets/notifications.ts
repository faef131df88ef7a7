import { type Static, Type } from "typebox";
import { Notification } from "../http/notifications.ts";
import { Person } from "../http/users.ts";
import { closed, SeqOrZero, Time, Uuid } from "../primitives.ts";
import { ErrorFrame, Reconnect } from "./chat.ts";

// Client → server. As many ids as a frame of 64 KiB can hold, which is 1,679: the frame is the limit.
export const PresenceWatch = Type.Object(
  { type: Type.Literal("presence.watch"), userIds: Type.Array(Uuid, { maxItems: 1700 }) },
  closed,
);
export const notificationsClientFrames = { "presence.watch": PresenceWatch } as const;

// Server → client.
export const NotificationsReady = Type.Object({ type: Type.Literal("ready"), guest: Type.Boolean() });
export const UserRegisteredFrame = Type.Object({ type: Type.Literal("user.registered"), user: Person });
export const UserOnlineFrame = Type.Object({ type: Type.Literal("user.online"), userId: Uuid, at: Time });
export const UserOfflineFrame = Type.Object({
  type: Type.Literal("user.offline"),
  userId: Uuid,
  lastSeenAt: Time,
});
export const NotificationFrame = Type.Object({
  type: Type.Literal("notification"),
  notification: Notification,
});
export const NotificationReadFrame = Type.Object({
  type: Type.Literal("notification.read"),
  conversationId: Uuid,
  readSeq: SeqOrZero,
});

export const notificationsServerFrames = {
  ready: NotificationsReady,
  "user.registered": UserRegisteredFrame,
  "user.online": UserOnlineFrame,
  "user.offline": UserOfflineFrame,
  notification: NotificationFrame,
  "notification.read": NotificationReadFrame,
  reconnect: Reconnect,
  error: ErrorFrame,
} as const;

type Frames<Table extends Record<string, unknown>> = { [Type in keyof Table]: Static<Table[Type] & {}> };
export type NotificationsClientFrame = Frames<
  typeof notificationsClientFrames
>[keyof typeof notificationsClientFrames];
export type NotificationsServerFrame = Frames<
  typeof notificationsServerFrames
>[keyof typeof notificationsServerFrames];
