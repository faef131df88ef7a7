import type { Broker, Delivery, Subscribed, Subscription } from "@gochat/broker/broker";
import type { EventContract, EventOf } from "@gochat/contracts/events/event";
import {
  messageRead,
  messageStored,
  notificationRaised,
  notificationRead,
  standingsAnswered,
} from "@gochat/contracts/events/message-events";
import { userOffline, userOnline, userRegistered } from "@gochat/contracts/events/user-events";
import type { Database } from "@gochat/database/database";
import type { Logger } from "@gochat/runtime/logger";
import type { Trail } from "@gochat/runtime/trail";
import type { Audience } from "./audience.ts";
import { takeStandings } from "./commands/catch-up.ts";
import { clearRead, countMessages } from "./commands/change-entries.ts";
import { deliverRaised } from "./commands/deliver-raised.ts";

interface Parts {
  readonly broker: Broker;
  readonly database: Database;
  readonly audience: Audience;
  readonly logger: Logger;
  readonly clock: () => number;
  readonly trail: Trail;
}

/**
 * A notification may be a moment late behind a batch of two or more: most of what it costs is the same for one message as
 * for all of that moment, and messages themselves would wait for the time it takes.
 */
const gathered = { maxEvents: 2_000, gather: { from: 2, forMs: 100 } };

/** Which event leads to what. The first three are handled once for the service; the others become frames on every node. */
export async function subscribeHandlers(parts: Parts): Promise<Subscribed[]> {
  const { audience } = parts;
  return Promise.all([
    onBatch(messageStored, (events, delivery) => countMessages(parts, events, delivery), gathered),
    onBatch(messageRead, (events, delivery) => clearRead(parts, events, delivery), gathered),
    onBatch(standingsAnswered, (events, delivery) => takeStandings(parts, events, delivery)),
    onEach(userRegistered, ({ userId, username }) =>
      audience.tellAll({
        type: "user.registered",
        user: { id: userId, username, status: "offline", lastSeenAt: null },
      }),
    ),
    onEach(userOnline, ({ userId, at }) =>
      audience.tellWatchers(userId, { type: "user.online", userId, at }),
    ),
    onEach(userOffline, ({ userId, lastSeenAt }) =>
      audience.tellWatchers(userId, { type: "user.offline", userId, lastSeenAt }),
    ),
    onEach(notificationRaised, (event) => deliverRaised(parts, event)),
    onEach(notificationRead, ({ userId, conversationId, readSeq }) =>
      audience.tellPerson(userId, { type: "notification.read", conversationId, readSeq }),
    ),
  ]);

  function onBatch<Contract extends EventContract>(
    contract: Contract,
    handle: (events: EventOf<Contract>[], delivery: Delivery<EventOf<Contract>>) => Promise<void>,
    options: Pick<Subscription<Contract>, "maxEvents" | "gather"> = {},
  ): Promise<Subscribed> {
    return parts.broker.subscribe({ service: "notifications", contract, ...options, handle });
  }

  function onEach<Contract extends EventContract>(
    contract: Contract,
    tell: (event: EventOf<Contract>) => void,
  ): Promise<Subscribed> {
    return onBatch(contract, async (events) => events.forEach(tell));
  }
}
