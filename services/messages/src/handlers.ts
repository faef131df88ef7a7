import type { Broker, Delivery, Subscribed, Subscription } from "@gochat/broker/broker";
import type { EventContract } from "@gochat/contracts/events/event";
import * as events from "@gochat/contracts/events/message-events";
import { userListed, userRegistered } from "@gochat/contracts/events/user-events";
import { applyBatch } from "@gochat/runtime/patience";
import { answerHeads } from "./commands/answer-heads.ts";
import { answerStandings } from "./commands/answer-standings.ts";
import { markRead } from "./commands/mark-read.ts";
import { storeAndAnnounce } from "./commands/store-messages.ts";
import { addPeople } from "./conversation-store.ts";
import { JointBatches } from "./joint-batches.ts";
import type { LateRecipients } from "./late-recipients.ts";
import type { Parts } from "./parts.ts";

/** Of the transactions that store: some are made ready and announced here while PostgreSQL works on the others. */
const laneCount = 4;
/** A request for heads may list hundreds of positions, and its answer as many. */
const maxHeadsRequests = 50;

/** Event → command. */
export async function subscribeHandlers(
  broker: Broker,
  parts: Parts,
  { lateRecipients, partitions }: { lateRecipients: LateRecipients; partitions: number },
): Promise<Subscribed[]> {
  const keys = Array.from({ length: partitions }, (_, partition) => partition);
  const { logger } = parts;
  const lanes = Array.from(
    { length: laneCount },
    () => new JointBatches((some, receipt) => storeAndAnnounce(parts, some, receipt)),
  );
  return Promise.all([
    ...[userRegistered, userListed].map((contract) =>
      on(contract, (batch, delivery) =>
        applyBatch({ events: batch, delivery, logger, apply: (some) => addPeople(parts.database, some) }),
      ),
    ),
    on(
      events.headsRequested,
      (batch, delivery) =>
        applyBatch({ events: batch, delivery, logger, apply: (some) => answerHeads(parts, some) }),
      { maxEvents: maxHeadsRequests },
    ),
    on(events.standingsRequested, (batch, delivery) =>
      applyBatch({ events: batch, delivery, logger, apply: (some) => answerStandings(parts, some) }),
    ),
    ...keys.flatMap((key) => [
      on(events.messageSent, (batch, delivery) => storeBatch(batch, delivery, lanes[key % laneCount]!), {
        key,
      }),
      on(events.messageSeen, (batch, delivery) => markRead(parts, batch, delivery), { key }),
    ]),
  ]);

  async function storeBatch(
    batch: events.MessageSent[],
    delivery: Delivery<events.MessageSent>,
    joint: JointBatches,
  ): Promise<void> {
    const passed = await lateRecipients.letPass(batch);
    if (passed.length === 0) return;
    const unknown = await joint.store(passed, delivery);
    if (unknown.length > 0) await lateRecipients.add(unknown, delivery);
  }

  function on<Contract extends EventContract>(
    contract: Contract,
    handle: Subscription<Contract>["handle"],
    options: { key?: number; maxEvents?: number } = {},
  ): Promise<Subscribed> {
    return broker.subscribe({ service: "messages", contract, ...options, handle });
  }
}
