import type { EventContract, EventOf, ServiceName } from "@gochat/contracts/events/event";
import { serviceNames } from "@gochat/contracts/events/event";
import { partitionCount } from "@gochat/contracts/limits";
import {
  type Broker,
  defaults,
  type PublishOptions,
  type QueueDepth,
  type Subscribed,
  type Subscription,
} from "./broker.ts";
import { encodeEnvelope } from "./codec.ts";
import type { DeadLetter } from "./dead-letters.ts";
import { readAddress } from "./rabbitmq/address.ts";
import { assertTopology, type Declarer } from "./rabbitmq/assert-topology.ts";
import { readDeadLetters } from "./rabbitmq/dead-letters.ts";
import { readDepths } from "./rabbitmq/depths.ts";
import { keepBound } from "./rabbitmq/keep-bound.ts";
import { type BrokerLogger, Link } from "./rabbitmq/link.ts";
import { Publisher } from "./rabbitmq/publisher.ts";
import { RabbitmqSubscription } from "./rabbitmq/subscription.ts";
import { type Topology, type TopologyOptions, topologyOf } from "./rabbitmq/topology.ts";
import { within } from "./rabbitmq/within.ts";
import { routingKeyOf } from "./topology.ts";

export interface RabbitmqBrokerOptions extends Omit<TopologyOptions, "partitions"> {
  /** amqp://user:password@host:port/virtual-host, or amqps. */
  readonly url: string;
  /** This process, in the names of its queues. */
  readonly nodeId: string;
  /** The services of this process: it asserts their queues, and only looks at those of others. Default: all. */
  readonly services?: readonly ServiceName[];
  readonly partitions?: number;
  /** How often a handler gets a batch before the dead-letter queue keeps it. */
  readonly deliveryLimit?: number;
  readonly publishTimeoutMs?: number;
  /** How often it is made sure that the queues of these services are there and bound. Default 10 s. */
  readonly assertEveryMs?: number;
  readonly logger?: BrokerLogger;
}

/** RabbitMQ, and what only it can tell. */
export interface RabbitmqBroker extends Broker {
  /** Host and port. */
  readonly description: string;
  /** What the queues of this service gave up, oldest first. */
  deadLetters(service: ServiceName): Promise<readonly DeadLetter[]>;
}

const pingTimeoutMs = 2_000;
const defaultAssertEveryMs = 10_000;
const silent: BrokerLogger = { info() {}, warn() {} };

/**
 * RabbitMQ ≥ 3.10 by URL. Throws a `BrokerRefusedError` where it is there and does not let us in. One that is not
 * there yet is tried again and again: `ping` says so, `publish` and `subscribe` wait.
 */
export async function connectRabbitmq(options: RabbitmqBrokerOptions): Promise<RabbitmqBroker> {
  const broker = new ConnectedBroker(options);
  try {
    await broker.tried();
    return broker;
  } catch (error) {
    await broker[Symbol.asyncDispose]();
    throw error;
  }
}

class ConnectedBroker implements RabbitmqBroker {
  readonly durable = true;
  readonly description: string;
  readonly #options: RabbitmqBrokerOptions;
  readonly #topology: Topology;
  readonly #logger: BrokerLogger;
  readonly #declarer: Declarer;
  /** Of their own: RabbitMQ stops reading where too much is published, and acknowledgements must still arrive. */
  readonly #publishing: Link;
  readonly #consuming: Link;
  readonly #publisher: Publisher;
  readonly #subscriptions = new Set<RabbitmqSubscription>();
  readonly #listeners = new Set<() => void>();
  readonly #stopKeeping: () => void;
  #isLost = false;
  #closing: Promise<void> | undefined;
  #closed = false;

  constructor(options: RabbitmqBrokerOptions) {
    const { partitions = partitionCount, services = serviceNames, logger = silent } = options;
    this.#options = options;
    this.#logger = logger;
    this.#topology = topologyOf({ ...options, partitions });
    const address = readAddress(options.url);
    this.description = `RabbitMQ at ${address.place}`;
    const owned = new Set(services);
    const declarer: Declarer = { different: new Set(), logger };
    this.#declarer = declarer;
    const nameOf = (purpose: string) => `GoChat ${options.nodeId}: ${services.join(", ")}, ${purpose}`;
    this.#publishing = new Link({
      address,
      name: nameOf("publishing"),
      prepare: (connection) => assertTopology(connection, this.#topology, owned, declarer),
      logger,
    });
    this.#consuming = new Link({ address, name: nameOf("consuming"), logger });
    this.#publisher = new Publisher({
      link: this.#publishing,
      timeoutMs: options.publishTimeoutMs ?? defaults.publishTimeoutMs,
      repair: (connection) => assertTopology(connection, this.#topology, owned, declarer),
      logger,
    });
    const own = this.#topology.queues.filter(({ service }) => owned.has(service));
    this.#stopKeeping = keepBound({
      everyMs: options.assertEveryMs ?? defaultAssertEveryMs,
      assert: async () => {
        const { connection } = this.#publishing;
        if (connection) await assertTopology(connection, { exchanges: [], queues: own }, owned, declarer);
      },
      logger,
    });
    for (const link of [this.#publishing, this.#consuming]) {
      link.on("down", () => this.#lose());
      link.on("up", () => this.#noticeReturn());
    }
  }

  async tried(): Promise<void> {
    const both = Promise.all([this.#publishing.tried, this.#consuming.tried]);
    await Promise.race([both, this.#publishing.refused, this.#consuming.refused]);
  }

  async publish<Contract extends EventContract>(
    contract: Contract,
    events: readonly EventOf<Contract>[],
    options: PublishOptions = {},
  ): Promise<void> {
    if (this.#closed) throw closedError();
    const routingKey = routingKeyOf(contract, options.key);
    const text = encodeEnvelope(contract, events, options.trace);
    const content = Buffer.from(text);
    // The partitions of an event wait for their own queues only; a node's keys come and go and share a lane.
    const lane = contract.key === "partition" ? routingKey : contract.name;
    const persistent = this.#options.queueType !== "classic";
    await this.#publisher.publish(lane, { exchange: contract.exchange, routingKey, content, persistent });
  }

  async subscribe<Contract extends EventContract>(subscription: Subscription<Contract>): Promise<Subscribed> {
    if (this.#closing) throw closedError();
    const subscribed = new RabbitmqSubscription({
      subscription: subscription as unknown as Subscription<EventContract>,
      events: this.#options.events,
      topology: this.#topology,
      nodeId: this.#options.nodeId,
      declarer: this.#declarer,
      bounds: this.#options,
      deliveryLimit: this.#options.deliveryLimit ?? defaults.deliveryLimit,
      taken: [...this.#subscriptions].map(({ name }) => name),
      link: this.#consuming,
      publisher: this.#publisher,
      onLost: () => this.#lose(),
      onConsuming: () => this.#noticeReturn(),
      onClosed: () => this.#subscriptions.delete(subscribed),
      logger: this.#logger,
    });
    this.#subscriptions.add(subscribed);
    try {
      await Promise.race([subscribed.consuming, this.#publishing.refused, this.#consuming.refused]);
      return subscribed;
    } catch (error) {
      await subscribed.close(0);
      throw error;
    }
  }

  async ping(): Promise<void> {
    if (this.#closed) throw closedError();
    this.#publishing.requireConnection();
    const connection = this.#consuming.requireConnection();
    const name = this.#topology.exchanges[0]?.name ?? "amq.topic";
    const ask = async () => {
      const channel = await connection.createChannel();
      channel.on("error", () => {});
      await channel.checkExchange(name);
      await channel.close();
    };
    await within(pingTimeoutMs, ask(), `RabbitMQ does not answer within ${pingTimeoutMs / 1_000} s.`);
  }

  async depths(): Promise<QueueDepth[]> {
    return within(pingTimeoutMs, readDepths(this.#consuming.requireConnection(), [...this.#subscriptions]));
  }

  async deadLetters(service: ServiceName): Promise<readonly DeadLetter[]> {
    return readDeadLetters(this.#consuming.requireConnection(), service);
  }

  onReconnect(listener: () => void): () => void {
    // Wrapped, so that the same listener may be given twice.
    const call = () => listener();
    this.#listeners.add(call);
    return () => void this.#listeners.delete(call);
  }

  /** Handlers may publish until the last one has left, and what is on its way still gets its answer. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopKeeping();
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    this.#closed = true;
    await this.#publisher.settled();
    await Promise.all([this.#publishing.close(), this.#consuming.close()]);
  }

  #lose(): void {
    this.#isLost = true;
  }

  /** It is back only when everything is: whoever asks for what was missed then must get the answer. */
  #noticeReturn(): void {
    if (!this.#isLost || this.#closing) return;
    if (!this.#publishing.connection || !this.#consuming.connection) return;
    if ([...this.#subscriptions].some(({ isConsuming }) => !isConsuming)) return;
    this.#isLost = false;
    this.#logger.info({}, "RabbitMQ is back.");
    for (const listener of this.#listeners) listener();
  }
}

function closedError(): Error {
  return new Error("The broker is closed.");
}
