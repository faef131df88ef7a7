import { setTimeout as sleep } from "node:timers/promises";
import type { Broker, PublishOptions, Subscription } from "@gochat/broker/broker";
import {
  createMemoryBroker as createReliable,
  type MemoryBroker,
  type MemoryBrokerOptions,
} from "@gochat/broker/memory";
import { routingKeyOf } from "@gochat/broker/topology";
import type { EventContract, EventOf, ServiceName } from "@gochat/contracts/events/event";
import { serviceNames } from "@gochat/contracts/events/event";
import { messageSent } from "@gochat/contracts/events/message-events";
import { offerBus } from "./control.ts";

/** How often each thing happens while the bus is unreliable. */
const chances = { doubled: 0.1, delayed: 0.2, repeatedLater: 0.05, failedBefore: 0.05, failedAfter: 0.05 };
const longestDelayMs = 150;
const longestRepeatMs = 2_000;
/** What may come again much later: its consumers are idempotent, and neither order nor time is in it. */
const repeatable: ReadonlySet<string> = new Set(["message.sent", "message.seen", "message.stored"]);

/**
 * The broker inside the process, as bad as its promise allows: events come twice, late, and again after they were
 * handled or before. What it promises it keeps: in order, at least once.
 */
export function createMemoryBroker(options: MemoryBrokerOptions): MemoryBroker {
  const reliable = createReliable(options);
  const turns = new Map<string, Promise<unknown>>();
  let isUnreliable = false;
  const happens = (chance: number) => isUnreliable && Math.random() < chance;

  /** Publications of one routing key stay in order, however long one is delayed. */
  function inTurn(routingKey: string, work: () => Promise<void>): Promise<void> {
    const turn = (turns.get(routingKey) ?? Promise.resolve()).then(work, work);
    turns.set(
      routingKey,
      turn.catch(() => {}),
    );
    return turn;
  }

  async function publish<Contract extends EventContract>(
    contract: Contract,
    events: readonly EventOf<Contract>[],
    publishOptions: PublishOptions = {},
  ): Promise<void> {
    await inTurn(routingKeyOf(contract, publishOptions.key), async () => {
      if (happens(chances.delayed)) await sleep(Math.random() * longestDelayMs);
      await reliable.publish(contract, events, publishOptions);
      if (happens(chances.doubled)) await reliable.publish(contract, events, publishOptions).catch(() => {});
    });
    if (repeatable.has(contract.name) && happens(chances.repeatedLater)) {
      const again = () => reliable.publish(contract, events, publishOptions).catch(() => {});
      setTimeout(again, Math.random() * longestRepeatMs).unref();
    }
  }

  function subscribe<Contract extends EventContract>(subscription: Subscription<Contract>) {
    const handle: Subscription<Contract>["handle"] = async (events, delivery) => {
      const isFirst = delivery.attempt === 1;
      if (isFirst && happens(chances.failedBefore)) throw new Error("failed before, on purpose");
      await subscription.handle(events, delivery);
      if (isFirst && happens(chances.failedAfter)) throw new Error("failed after, on purpose");
    };
    return reliable.subscribe({ ...subscription, handle });
  }

  offerBus({
    setUnreliable(isOn) {
      isUnreliable = isOn;
    },
    poison: (event, partition) => reliable.publish(messageSent, [event], { key: partition }),
    async report() {
      const depths = await reliable.depths();
      const letters = serviceNames.flatMap((service: ServiceName) => reliable.deadLetters(service));
      return {
        depths: Object.fromEntries(depths.map(({ queue, envelopes }) => [queue, envelopes])),
        deadLetters: letters.map(({ events, reason }) => ({ events, reason })),
      };
    },
  });
  const inherited: Omit<MemoryBroker, keyof Pick<Broker, "publish" | "subscribe">> = {
    durable: reliable.durable,
    ping: () => reliable.ping(),
    depths: () => reliable.depths(),
    onReconnect: (listener) => reliable.onReconnect(listener),
    deadLetters: (service) => reliable.deadLetters(service),
    settle: (timeoutMs) => reliable.settle(timeoutMs),
    [Symbol.asyncDispose]: () => reliable[Symbol.asyncDispose](),
  };
  return { ...inherited, publish, subscribe };
}
