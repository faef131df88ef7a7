import type { EventContract, Exchange, ServiceName } from "@gochat/contracts/events/event";
import { deadLetterQueueName, deadLettersExchange } from "./rabbitmq/topology.ts";

/** What RabbitMQ lets a user do with queues and exchanges: regular expressions on their names. */
export interface Permissions {
  readonly configure: string;
  readonly write: string;
  readonly read: string;
}

/** Which routing keys a user may publish with (write) and bind a queue with (read) on one exchange. */
export interface TopicPermissions {
  readonly exchange: string;
  readonly write: string;
  readonly read: string;
}

const nothing = "^$";

/**
 * What a service needs and no more: it makes, fills and reads its own queues, publishes the events that it produces,
 * binds to those that it consumes, and gives up its own dead letters.
 */
export function permissionsOf(service: ServiceName, events: readonly EventContract[]): Permissions {
  const ownQueues = `${service}\\..+`;
  const producedOn = exchangesOf(producedBy(service, events));
  const consumedOn = exchangesOf(consumedBy(service, events));
  return {
    configure: anyOf([ownQueues]),
    write: anyOf([ownQueues, deadLettersExchange, ...producedOn]),
    read: anyOf([ownQueues, deadLettersExchange, ...consumedOn]),
  };
}

/** One for each exchange: where there is none, RabbitMQ lets every routing key pass. */
export function topicPermissionsOf(
  service: ServiceName,
  events: readonly EventContract[],
): TopicPermissions[] {
  const keysOn = (exchange: Exchange, some: readonly EventContract[]) =>
    anyOf(some.filter((event) => event.exchange === exchange).map(routingKeys));
  const deadLetters = anyOf([escaped(deadLetterQueueName(service))]);
  return [
    { exchange: deadLettersExchange, write: deadLetters, read: deadLetters },
    ...exchangesOf(events).map((exchange) => ({
      exchange,
      write: keysOn(exchange, producedBy(service, events)),
      read: keysOn(exchange, consumedBy(service, events)),
    })),
  ];
}

function producedBy(service: ServiceName, events: readonly EventContract[]): EventContract[] {
  return events.filter(({ producer }) => producer === service);
}

function consumedBy(service: ServiceName, events: readonly EventContract[]): EventContract[] {
  return events.filter(({ consumers }) => consumers[service] !== undefined);
}

function exchangesOf(events: readonly EventContract[]): Exchange[] {
  return [...new Set(events.map(({ exchange }) => exchange))];
}

function routingKeys({ name, key }: EventContract): string {
  const behind = { partition: "\\.[0-9]+", node: "\\..+", none: "" }[key ?? "none"];
  return `${escaped(name)}${behind}`;
}

function escaped(text: string): string {
  return text.replaceAll(".", "\\.");
}

/** The whole name, and one of these. */
function anyOf(patterns: readonly string[]): string {
  return patterns.length === 0 ? nothing : `^(${patterns.join("|")})$`;
}
