import type { EventContract, EventOf, ServiceName } from "@gochat/contracts/events/event";
import { partitionCount } from "@gochat/contracts/limits";
import { BatchConsumer, type BatchConsumerOptions } from "./batch-consumer.ts";
import {
  type Broker,
  defaults,
  type PublishOptions,
  type QueueDepth,
  QueueFullError,
  type Subscribed,
  type Subscription,
  UnroutableError,
} from "./broker.ts";
import { keepEnvelope } from "./codec.ts";
import { type DeadLetter, DeadLetters } from "./dead-letters.ts";
import { MemoryQueue } from "./memory-queue.ts";
import { routingKeyOf, serviceQueueName, serviceQueues } from "./topology.ts";

export interface MemoryBrokerOptions {
  /** The topology: what may be published, and whose queues it reaches. */
  readonly events: readonly EventContract[];
  /** This process, in the names of its queues. */
  readonly nodeId: string;
  readonly partitions?: number;
  /** Bound of each queue, in envelopes. */
  readonly maxQueueLength?: number;
  /** Bound of each queue, in UTF-16 units of its envelopes' text, about. */
  readonly maxQueueTextLength?: number;
  /** How often a batch is delivered before the dead-letter queue keeps it. */
  readonly deliveryLimit?: number;
  readonly logger?: { warn(fields: object, message: string): void };
}

/** The broker inside one process, and what only it can tell. */
export interface MemoryBroker extends Broker {
  /** What the queues of this service gave up, oldest first. */
  deadLetters(service: ServiceName): readonly DeadLetter[];
  /**
   * Resolves when every queue that somebody consumes is empty and no handler runs; rejects after `timeoutMs`
   * (default 10 s). The queue of a service that was not started waits for it and is not waited for.
   */
  settle(timeoutMs?: number): Promise<void>;
}

export function createMemoryBroker(options: MemoryBrokerOptions): MemoryBroker {
  return new InProcessBroker(options);
}

type AnySubscription = Pick<Subscription<EventContract>, "service" | "contract" | "key">;

interface Consuming {
  readonly consumer: BatchConsumer;
  readonly queue: MemoryQueue;
  readonly service: ServiceName;
  /** The name under which its dead letters are kept. */
  readonly kept: string;
}

class InProcessBroker implements MemoryBroker {
  readonly durable = false;
  readonly #options: MemoryBrokerOptions;
  readonly #contracts: ReadonlyMap<string, EventContract>;
  /** By routing key: every queue bound with it. */
  readonly #bindings = new Map<string, Set<MemoryQueue>>();
  readonly #serviceQueues = new Map<string, MemoryQueue>();
  readonly #consumers = new Set<Consuming>();
  readonly #deadLetters = new DeadLetters();
  readonly #settling = new Set<() => void>();
  #nodeQueues = 0;
  #closing: Promise<void> | undefined;
  #closed = false;

  constructor(options: MemoryBrokerOptions) {
    this.#options = options;
    this.#contracts = new Map(options.events.map((contract) => [contract.name, contract]));
    for (const { name, routingKey } of serviceQueues(options.events, options.partitions ?? partitionCount)) {
      this.#serviceQueues.set(name, this.#bind(name, routingKey));
    }
  }

  async publish<Contract extends EventContract>(
    contract: Contract,
    events: readonly EventOf<Contract>[],
    options: PublishOptions = {},
  ): Promise<void> {
    this.#assertOpen();
    const routingKey = routingKeyOf(contract, options.key);
    const queues = this.#contracts.has(contract.name) ? this.#bindings.get(routingKey) : undefined;
    const kept = keepEnvelope(contract, events, options.trace);
    if (!queues || queues.size === 0) throw new UnroutableError(routingKey);
    for (const queue of queues) if (!queue.hasRoomFor(kept)) throw new QueueFullError(queue.name);
    for (const queue of queues) queue.push(kept);
  }

  async subscribe<Contract extends EventContract>(subscription: Subscription<Contract>): Promise<Subscribed> {
    if (this.#closing) throw new Error("The broker is closed.");
    const { service, contract, key, maxEvents = defaults.maxEventsPerBatch, gather } = subscription;
    const scope = this.#contracts.get(contract.name)?.consumers[service];
    if (!scope) throw new Error(`${service} is no consumer of ${contract.name}.`);
    const queue = scope === "service" ? this.#serviceQueue(subscription) : this.#nodeQueue(subscription);
    const { logger, deliveryLimit = defaults.deliveryLimit } = this.#options;
    // A node's queue goes with it: its dead letters are kept under the name that all nodes share.
    const kept = serviceQueueName(service, scope === "node" ? contract.name : routingKeyOf(contract, key));
    const consumer = new BatchConsumer({
      source: queue,
      maxEvents,
      gather,
      deliveryLimit,
      handle: subscription.handle as BatchConsumerOptions["handle"],
      keepDeadLetters: async (poisoned) => {
        const at = new Date().toISOString();
        for (const { content, reason } of poisoned) {
          const events = "events" in content ? content.events : [];
          this.#deadLetters.keep({ service, event: contract.name, queue: kept, reason, at, events });
        }
      },
      onFailure: (attempt, error) =>
        logger?.warn({ queue: queue.name, attempt, err: error }, "A handler threw."),
      onRest: () => {
        for (const check of this.#settling) check();
      },
    });
    const consuming = { consumer, queue, service, kept };
    this.#consumers.add(consuming);
    let closing: Promise<void> | undefined;
    const close = (graceMs?: number) => {
      if (scope === "node") this.#unbind(queue, routingKeyOf(contract, key));
      closing ??= consumer.close(graceMs).finally(() => this.#consumers.delete(consuming));
      return closing;
    };
    return { close, [Symbol.asyncDispose]: () => close() };
  }

  async ping(): Promise<void> {
    this.#assertOpen();
  }

  async depths(): Promise<QueueDepth[]> {
    return [...this.#consumers].map(({ queue, service, kept }) => ({
      service,
      queue: kept,
      envelopes: queue.length,
      deadLetters: this.#deadLetters.countOf(kept),
    }));
  }

  /** Never calls: there is no connection to lose. */
  onReconnect(_listener: () => void): () => void {
    return () => {};
  }

  deadLetters(service: ServiceName): readonly DeadLetter[] {
    return this.#deadLetters.of(service);
  }

  settle(timeoutMs = 10_000): Promise<void> {
    const busy = () => this.#queues().filter((queue) => queue.consumed && !queue.empty);
    return new Promise((resolve, reject) => {
      const end = (done: () => void) => {
        clearTimeout(timer);
        this.#settling.delete(check);
        done();
      };
      const check = () => {
        if (busy().length === 0) end(resolve);
      };
      const timer = setTimeout(() => {
        const names = busy().map((queue) => queue.name);
        end(() => reject(new Error(`Not settled after ${timeoutMs} ms: ${names.join(", ")}`)));
      }, timeoutMs);
      this.#settling.add(check);
      check();
    });
  }

  /** Handlers may publish until the last one has left. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= Promise.all([...this.#consumers].map(({ consumer }) => consumer.close())).then(() => {
      this.#closed = true;
    });
    return this.#closing;
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error("The broker is closed.");
  }

  #queues(): MemoryQueue[] {
    return [...new Set([...this.#bindings.values()].flatMap((queues) => [...queues]))];
  }

  #serviceQueue({ service, contract, key }: AnySubscription): MemoryQueue {
    const name = serviceQueueName(service, routingKeyOf(contract, key));
    const queue = this.#serviceQueues.get(name);
    if (!queue) throw new Error(`There is no queue ${name}.`);
    if (queue.consumed) throw new Error(`Queue ${name} has a subscription already.`);
    return queue;
  }

  #nodeQueue({ service, contract, key }: AnySubscription): MemoryQueue {
    if ((contract.key !== undefined) !== (key !== undefined)) {
      throw new Error(`A subscription to ${contract.name} ${contract.key ? "needs a" : "has no"} key.`);
    }
    this.#nodeQueues += 1;
    const name = `${serviceQueueName(service, contract.name)}@${this.#options.nodeId}#${this.#nodeQueues}`;
    return this.#bind(name, routingKeyOf(contract, key));
  }

  #bind(name: string, routingKey: string): MemoryQueue {
    const { maxQueueLength: maxLength = defaults.maxQueueLength } = this.#options;
    const { maxQueueTextLength: maxTextLength = defaults.maxQueueTextLength } = this.#options;
    const queue = new MemoryQueue(name, { maxLength, maxTextLength });
    const bound = this.#bindings.get(routingKey) ?? new Set();
    this.#bindings.set(routingKey, bound.add(queue));
    return queue;
  }

  #unbind(queue: MemoryQueue, routingKey: string): void {
    const bound = this.#bindings.get(routingKey);
    bound?.delete(queue);
    if (bound?.size === 0) this.#bindings.delete(routingKey);
  }
}
