import { createHash, randomBytes } from "node:crypto";
import type { EventContract, ServiceName } from "@gochat/contracts/events/event";
import { events as allEvents } from "@gochat/contracts/events/events";
import { partitionCount } from "@gochat/contracts/limits";
import { type Permissions, permissionsOf, type TopicPermissions, topicPermissionsOf } from "./permissions.ts";
import { type QueueType, type Topology, topologyOf } from "./rabbitmq/topology.ts";

export interface DefinitionsOptions {
  /** Default: all of GoChat's. */
  readonly events?: readonly EventContract[];
  /** Of the user of each service; the user is called as the service is. */
  readonly passwords: Partial<Record<ServiceName, string>>;
  readonly partitions?: number;
  readonly queueType?: QueueType;
}

type InVirtualHost<Definition> = Definition & { readonly vhost: string };

/** What RabbitMQ loads at its start (`load_definitions`) or is given by `rabbitmqctl import_definitions`. */
export interface Definitions {
  readonly users: readonly {
    readonly name: string;
    readonly password_hash: string;
    readonly hashing_algorithm: string;
    readonly tags: readonly string[];
    readonly limits: object;
  }[];
  readonly vhosts: readonly { readonly name: string }[];
  readonly permissions: readonly InVirtualHost<Permissions & { user: string }>[];
  readonly topic_permissions: readonly InVirtualHost<TopicPermissions & { user: string }>[];
  readonly exchanges: readonly InVirtualHost<object>[];
  readonly queues: readonly InVirtualHost<object>[];
  readonly bindings: readonly InVirtualHost<object>[];
}

/** Ends the URL of each service: amqp://messages:…@host:5672/gochat */
export const virtualHost = "gochat";

/**
 * A user with exactly its permissions for each service, and the whole topology: no service has the right to make the
 * queues of another, and what the first one publishes must meet them.
 */
export function definitionsFor(options: DefinitionsOptions): Definitions {
  const { events = allEvents, partitions = partitionCount, queueType = "quorum" } = options;
  const passwords = Object.entries(options.passwords) as [ServiceName, string][];
  const vhost = virtualHost;
  return {
    users: passwords.map(([name, password]) => ({ name, ...hashOf(password), tags: [], limits: {} })),
    vhosts: [{ name: vhost }],
    permissions: passwords.map(([user]) => ({ user, vhost, ...permissionsOf(user, events) })),
    topic_permissions: passwords.flatMap(([user]) =>
      topicPermissionsOf(user, events).map((permissions) => ({ user, vhost, ...permissions })),
    ),
    ...declarationsOf(topologyOf({ events, partitions, queueType }), vhost),
  };
}

function declarationsOf(
  { exchanges, queues }: Topology,
  vhost: string,
): Pick<Definitions, "exchanges" | "queues" | "bindings"> {
  const kept = { vhost, durable: true, auto_delete: false };
  return {
    exchanges: exchanges.map((exchange) => ({ ...exchange, ...kept, internal: false })),
    queues: queues.map(({ name, arguments: args }) => ({ name, ...kept, arguments: args })),
    bindings: queues.map(({ name, exchange, routingKey }) => ({
      source: exchange,
      vhost,
      destination: name,
      destination_type: "queue",
      routing_key: routingKey,
      arguments: {},
    })),
  };
}

/** As RabbitMQ keeps it: four bytes of salt, then SHA-256 of salt and password. */
function hashOf(password: string): { password_hash: string; hashing_algorithm: string } {
  const salt = randomBytes(4);
  const hash = createHash("sha256").update(salt).update(password).digest();
  return {
    password_hash: Buffer.concat([salt, hash]).toString("base64"),
    hashing_algorithm: "rabbit_password_hashing_sha256",
  };
}
