import type { EventContract, ServiceName } from "@gochat/contracts/events/event";
import { BatchConsumer, type BatchConsumerOptions } from "../batch-consumer.ts";
import { defaults, type Subscribed, type Subscription } from "../broker.ts";
import { routingKeyOf, serviceQueueName } from "../topology.ts";
import { assertQueue, type Declarer } from "./assert-topology.ts";
import { deadLetterMessage } from "./dead-letters.ts";
import { Inbox } from "./inbox.ts";
import type { BrokerLogger, Link } from "./link.ts";
import type { Publisher } from "./publisher.ts";
import { QueueConsumer, type QueueConsumerOptions } from "./queue-consumer.ts";
import { boundsOf, type Topology, type TopologyOptions } from "./topology.ts";

export interface RabbitmqSubscriptionOptions {
  readonly subscription: Subscription<EventContract>;
  readonly events: readonly EventContract[];
  readonly topology: Topology;
  readonly declarer: Declarer;
  readonly nodeId: string;
  readonly bounds: Pick<TopologyOptions, "maxQueueLength" | "maxQueueTextLength">;
  readonly deliveryLimit: number;
  /** The queues that this process consumes already. */
  readonly taken: readonly string[];
  readonly link: Link;
  readonly publisher: Publisher;
  /** A queue that was there for this process alone is gone, and what was in it. */
  readonly onLost: () => void;
  readonly onConsuming: () => void;
  readonly onClosed: () => void;
  readonly logger: BrokerLogger;
}

/** Enough to fill a batch of small envelopes, and not more than what one process should hold of a queue. */
const maxPrefetch = 250;
let nodeQueues = 0;

/** One queue, handed to one handler: what arrives (`Inbox`) is taken from there in batches (`BatchConsumer`). */
export class RabbitmqSubscription implements Subscribed {
  readonly service: ServiceName;
  /** The queue, without the id of this process. */
  readonly name: string;
  readonly #options: RabbitmqSubscriptionOptions;
  readonly #isOfNode: boolean;
  readonly #queue: QueueConsumer;
  readonly #batches: BatchConsumer;
  #closing: Promise<void> | undefined;

  constructor(options: RabbitmqSubscriptionOptions) {
    const { subscription, events, deliveryLimit, logger } = options;
    const { service, contract, key, maxEvents = defaults.maxEventsPerBatch, gather } = subscription;
    const scope = events.find(({ name }) => name === contract.name)?.consumers[service];
    if (!scope) throw new Error(`${service} is no consumer of ${contract.name}.`);
    this.#options = options;
    this.#isOfNode = scope === "node";
    this.service = service;
    this.name = serviceQueueName(service, this.#isOfNode ? contract.name : routingKeyOf(contract, key));
    const declare = this.#isOfNode ? this.#nodeQueue() : this.#serviceQueue();
    const inbox = new Inbox(contract, (last) => this.#queue.acknowledge(last));
    this.#batches = new BatchConsumer({
      source: inbox,
      maxEvents,
      gather,
      deliveryLimit,
      handle: subscription.handle as BatchConsumerOptions["handle"],
      keepDeadLetters: async (poisoned) => {
        const letters = poisoned.map((letter) => deadLetterMessage(service, this.name, letter));
        await Promise.all(letters.map((letter) => options.publisher.publish("dead letters", letter)));
      },
      onFailure: (attempt, err) => logger.warn({ queue: this.name, attempt, err }, "A handler threw."),
      onRest: () => {},
    });
    this.#queue = new QueueConsumer({
      link: options.link,
      declare,
      prefetch: Math.min(maxEvents, maxPrefetch),
      onMessage: (message) => inbox.push(message),
      onLost: () => {
        inbox.clear();
        if (this.#isOfNode) options.onLost();
      },
      onConsuming: options.onConsuming,
      logger,
    });
  }

  get consuming(): Promise<void> {
    return this.#queue.consuming;
  }

  get isConsuming(): boolean {
    return this.#queue.isConsuming;
  }

  /** As RabbitMQ knows it. */
  get queue(): string | undefined {
    return this.#queue.queue;
  }

  close(graceMs?: number): Promise<void> {
    this.#closing ??= this.#batches
      .close(graceMs)
      .then(() => this.#queue.close(this.#isOfNode))
      .finally(this.#options.onClosed);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #serviceQueue(): QueueConsumerOptions["declare"] {
    const { topology, taken, declarer } = this.#options;
    const declaration = topology.queues.find(({ name }) => name === this.name);
    if (!declaration) throw new Error(`There is no queue ${this.name}.`);
    if (taken.includes(this.name)) throw new Error(`Queue ${this.name} has a subscription already.`);
    return async (connection) => {
      await assertQueue(connection, declaration, declarer);
      return declaration.name;
    };
  }

  /** Another name each time: RabbitMQ may not have noticed yet that the connection of the last one is gone. */
  #nodeQueue(): QueueConsumerOptions["declare"] {
    const { subscription, nodeId, bounds } = this.#options;
    const { contract, key } = subscription;
    if ((contract.key !== undefined) !== (key !== undefined)) {
      throw new Error(`A subscription to ${contract.name} ${contract.key ? "needs a" : "has no"} key.`);
    }
    return async (_connection, channel) => {
      nodeQueues += 1;
      const name = `${this.name}@${nodeId}#${nodeQueues}`;
      // It goes with its consumer too: nobody would empty it, and once full it would stop every publisher.
      const kind = { durable: false, exclusive: true, autoDelete: true };
      await channel.assertQueue(name, { ...kind, arguments: boundsOf(bounds, "classic") });
      await channel.bindQueue(name, contract.exchange, routingKeyOf(contract, key));
      return name;
    };
  }
}
