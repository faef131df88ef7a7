import type { EventContract, ServiceName } from "@gochat/contracts/events/event";
import { defaults } from "../broker.ts";
import { serviceQueues } from "../topology.ts";

/**
 * How RabbitMQ keeps the queues of a service. `quorum`: on disk, on as many of its nodes as there are. `classic`: in the
 * memory of one node, so that what waits in them is gone once that one ends; see docs/decisions/0025.
 */
export type QueueType = "quorum" | "classic";

export interface TopologyOptions {
  readonly events: readonly EventContract[];
  readonly partitions: number;
  /** Default: `quorum`. Dead letters are in quorum queues always. */
  readonly queueType?: QueueType;
  /** Bound of each queue, in envelopes. */
  readonly maxQueueLength?: number;
  /** Bound of each queue, in bytes of its envelopes. */
  readonly maxQueueTextLength?: number;
}

export interface ExchangeDeclaration {
  readonly name: string;
  readonly type: "topic" | "fanout";
  readonly arguments: Readonly<Record<string, string>>;
}

/** A durable queue with the one binding that it has. */
export interface QueueDeclaration {
  readonly name: string;
  readonly service: ServiceName;
  readonly arguments: Readonly<Record<string, string | number | boolean>>;
  readonly exchange: string;
  readonly routingKey: string;
}

export interface Topology {
  readonly exchanges: readonly ExchangeDeclaration[];
  readonly queues: readonly QueueDeclaration[];
}

export const deadLettersExchange = "DeadLettersExchange";
/**
 * Where an event goes that no queue is bound for. Nothing is bound here, so the publisher is told; a queue that a
 * person binds sees those events, and their publishers hear nothing of it for as long.
 */
const unroutedExchange = "UnroutedEventsExchange";
/**
 * RabbitMQ counts each return of a message to its queue, also when its consumer only went away with it. A handler
 * that throws is counted by its consumer, long before this: it is for messages that end the process itself.
 */
const deliveryLimit = 100;
const neverDelivered = 1_000_000_000;
const maxDeadLetters = 10_000;

/** Where each service's dead letters are kept, whichever of its queues gave them up. Name and routing key. */
export function deadLetterQueueName(service: ServiceName): string {
  return `${service}.dead-letters`;
}

/** Everything that is there whether or not a process is. Queues of scope `node` come and go. */
export function topologyOf(options: TopologyOptions): Topology {
  const { events, partitions, queueType = "quorum" } = options;
  const exchanges = [...new Set(events.map(({ exchange }) => exchange))];
  const consumers = [...new Set(events.flatMap((event) => Object.keys(event.consumers) as ServiceName[]))];
  return {
    exchanges: [
      { name: unroutedExchange, type: "fanout", arguments: {} },
      { name: deadLettersExchange, type: "topic", arguments: {} },
      ...exchanges.map((name) => ({
        name,
        type: "topic" as const,
        arguments: { "alternate-exchange": unroutedExchange },
      })),
    ],
    queues: [
      ...consumers.map((service) => deadLetterQueue(service)),
      ...serviceQueues(events, partitions).map(({ name, service, exchange, routingKey }) => ({
        name,
        service,
        exchange,
        routingKey,
        arguments: { ...serviceQueueArguments(service, queueType), ...boundsOf(options, queueType) },
      })),
    ],
  };
}

/** What has been handed out does not count. */
export function boundsOf(
  options: Pick<TopologyOptions, "maxQueueLength" | "maxQueueTextLength">,
  queueType: QueueType,
): Record<string, string | number> {
  const { maxQueueLength = defaults.maxQueueLength } = options;
  const { maxQueueTextLength = defaults.maxQueueTextLength } = options;
  return {
    "x-overflow": "reject-publish",
    // A quorum queue refuses what comes when it is past its bound already, hence one less.
    "x-max-length": queueType === "quorum" ? maxQueueLength - 1 : maxQueueLength,
    "x-max-length-bytes": maxQueueTextLength,
  };
}

function serviceQueueArguments(
  service: ServiceName,
  queueType: QueueType,
): Record<string, string | number | boolean> {
  // Of several processes of a service one at a time gets a queue's envelopes: that is their order.
  const common = { "x-queue-type": queueType, "x-single-active-consumer": true };
  // It doesn't count deliveries, so it gives nothing up by itself.
  if (queueType === "classic") return common;
  return {
    ...common,
    "x-delivery-limit": deliveryLimit,
    "x-dead-letter-exchange": deadLettersExchange,
    "x-dead-letter-routing-key": deadLetterQueueName(service),
    "x-dead-letter-strategy": "at-least-once",
  };
}

function deadLetterQueue(service: ServiceName): QueueDeclaration {
  return {
    name: deadLetterQueueName(service),
    service,
    exchange: deadLettersExchange,
    routingKey: deadLetterQueueName(service),
    arguments: {
      "x-queue-type": "quorum",
      // Looking at a dead letter is a delivery too.
      "x-delivery-limit": neverDelivered,
      "x-overflow": "drop-head",
      "x-max-length": maxDeadLetters,
      "x-max-length-bytes": defaults.maxQueueTextLength,
    },
  };
}
