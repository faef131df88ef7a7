import type { EventContract } from "./event.ts";
import * as message from "./message-events.ts";
import * as user from "./user-events.ts";

/** Every event between services: the topology, docs/events.md and AsyncAPI are made from this list. */
export const events: readonly EventContract[] = [
  user.userRegistered,
  user.userListed,
  user.userLoggedIn,
  user.userSignedOut,
  user.sessionRevoked,
  user.userOnline,
  user.userOffline,
  user.presenceListed,
  message.messageSent,
  message.messageStored,
  message.messageRejected,
  message.messageSeen,
  message.messageRead,
  message.typingStarted,
  message.headsRequested,
  message.headsAnswered,
  message.standingsRequested,
  message.standingsAnswered,
  message.notificationRaised,
  message.notificationRead,
];
