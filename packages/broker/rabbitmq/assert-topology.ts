import type { ServiceName } from "@gochat/contracts/events/event";
import type { Channel, ChannelModel } from "amqplib";
import type { BrokerLogger } from "./link.ts";
import type { ExchangeDeclaration, QueueDeclaration, Topology } from "./topology.ts";

const outcomes: Readonly<Record<number, "refused" | "missing" | "different">> = {
  403: "refused",
  404: "missing",
  406: "different",
};
type Outcome = "done" | "refused" | "missing" | "different";

/** Who makes queues, and what is known of them. */
export interface Declarer {
  /** Queues that were made with other arguments. They serve as they are, and a person may replace them. */
  readonly different: Set<string>;
  readonly logger: BrokerLogger;
}

/**
 * Makes what is not there. A service asserts its own queues; those of others it looks at only, and makes them where
 * they are missing and it may: whoever comes first, so that nothing published meets no queue.
 */
export async function assertTopology(
  connection: ChannelModel,
  topology: Topology,
  services: ReadonlySet<ServiceName>,
  declarer: Declarer,
): Promise<void> {
  const work = new Declaring(connection);
  try {
    for (const exchange of topology.exchanges) await assertExchange(work, exchange);
    for (const queue of topology.queues) {
      const isThere = !services.has(queue.service) && (await work.try(checkQueue(queue))) === "done";
      if (!isThere) await assertQueueWith(work, queue, declarer);
    }
  } finally {
    await work.close();
  }
}

export async function assertQueue(
  connection: ChannelModel,
  queue: QueueDeclaration,
  declarer: Declarer,
): Promise<void> {
  const work = new Declaring(connection);
  try {
    await assertQueueWith(work, queue, declarer);
  } finally {
    await work.close();
  }
}

async function assertExchange(work: Declaring, exchange: ExchangeDeclaration): Promise<void> {
  const { name, type } = exchange;
  if ((await work.try((channel) => channel.checkExchange(name))) === "done") return;
  const outcome = await work.try((channel) =>
    channel.assertExchange(name, type, { durable: true, arguments: exchange.arguments }),
  );
  if (outcome !== "done") {
    throw new Error(`RabbitMQ has no exchange ${name}, and this user may not make it: load the definitions.`);
  }
}

async function assertQueueWith(
  work: Declaring,
  queue: QueueDeclaration,
  { different, logger }: Declarer,
): Promise<void> {
  const { name, exchange, routingKey } = queue;
  // Declared again, each would be an error in the log of RabbitMQ, every few seconds.
  const isThere = different.has(name) && (await work.try(checkQueue(queue))) === "done";
  const made = isThere
    ? "done"
    : await work.try((channel) => channel.assertQueue(name, { durable: true, arguments: queue.arguments }));
  if (made === "refused") logger.warn({ queue: name }, "A queue is missing, and this user may not make it.");
  if (made === "different") {
    different.add(name);
    logger.warn({ queue: name }, "A queue has other arguments than it should have.");
  }
  if (made === "refused") return;
  const bound = await work.try((channel) => channel.bindQueue(name, exchange, routingKey));
  if (bound !== "done") logger.warn({ queue: name, exchange, outcome: bound }, "A queue cannot be bound.");
}

function checkQueue({ name }: QueueDeclaration): (channel: Channel) => Promise<unknown> {
  return (channel) => channel.checkQueue(name);
}

/** A channel for declarations. RabbitMQ closes it at each refusal, and another is opened. */
class Declaring {
  readonly #connection: ChannelModel;
  #channel: Channel | undefined;

  constructor(connection: ChannelModel) {
    this.#connection = connection;
  }

  async try(declare: (channel: Channel) => Promise<unknown>): Promise<Outcome> {
    if (!this.#channel) {
      this.#channel = await this.#connection.createChannel();
      this.#channel.on("error", () => {});
    }
    try {
      await declare(this.#channel);
      return "done";
    } catch (error) {
      this.#channel = undefined;
      const outcome = outcomes[(error as { code?: number }).code ?? 0];
      if (!outcome) throw error;
      return outcome;
    }
  }

  async close(): Promise<void> {
    await this.#channel?.close().catch(() => {});
  }
}
