import type { Broker, Delivery, Subscribed } from "@gochat/broker/broker";
import type { EventContract, EventOf } from "@gochat/contracts/events/event";
import * as events from "@gochat/contracts/events/user-events";
import { applyBatch } from "@gochat/runtime/patience";
import { recordSignIns, recordSignOuts } from "./commands/record-activity.ts";
import { recordPresence } from "./commands/record-presence.ts";
import { registerPeople } from "./commands/register-people.ts";
import type { Parts } from "./parts.ts";

/** Event → command. */
export function subscribeHandlers(broker: Broker, parts: Parts): Promise<Subscribed[]> {
  return Promise.all([
    on(events.userRegistered, (batch) => registerPeople(batch, parts)),
    on(events.userListed, (batch) => registerPeople(batch, parts)),
    on(events.userOnline, (batch) => recordPresence(batch.map(toCame), parts)),
    on(events.userOffline, (batch) => recordPresence(batch.map(toWent), parts)),
    on(events.presenceListed, (batch) => recordPresence(batch, parts)),
    on(events.userLoggedIn, (batch) => recordSignIns(batch, parts)),
    on(events.userSignedOut, (batch) => recordSignOuts(batch, parts)),
  ]);

  function on<Contract extends EventContract>(
    contract: Contract,
    command: (batch: readonly EventOf<Contract>[]) => Promise<boolean>,
  ): Promise<Subscribed> {
    const handle = async (batch: EventOf<Contract>[], delivery: Delivery<EventOf<Contract>>) => {
      // A crash between the write and the mark brings the batch again: then it changes nothing, and is marked anyway.
      let isVisible = delivery.attempt > 1;
      const apply = async (part: readonly EventOf<Contract>[]) => {
        if (await command(part)) isVisible = true;
      };
      await applyBatch({ events: batch, delivery, logger: parts.logger, apply });
      if (isVisible) await parts.directory.markChanged();
    };
    return broker.subscribe({ service: "users", contract, handle });
  }
}

function toCame({ userId, at }: events.UserOnline) {
  return { userId, online: true, at };
}

function toWent({ userId, lastSeenAt }: events.UserOffline) {
  return { userId, online: false, at: lastSeenAt };
}
