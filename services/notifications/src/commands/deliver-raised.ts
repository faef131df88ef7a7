import type { NotificationRaised } from "@gochat/contracts/events/message-events";
import { preciseNow } from "@gochat/runtime/tracing";
import type { Trail } from "@gochat/runtime/trail";
import type { Audience } from "../audience.ts";

/** To this person's own sockets: the last step of a message that is followed. */
export function deliverRaised(
  { audience, trail }: { readonly audience: Audience; readonly trail: Trail },
  { userId, notification, messageId, trace }: NotificationRaised,
): void {
  const startedAt = trail.isOn ? preciseNow() : 0;
  const sockets = audience.tellPerson(userId, { type: "notification", notification });
  if (messageId === undefined || sockets === 0 || !trail.follows(trace)) return;
  const fields = { sockets, notification: notification.id };
  trail.step(messageId, trace, { name: "notification delivered", kind: "consumer", startedAt, fields });
}
