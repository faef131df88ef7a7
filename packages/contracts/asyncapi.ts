import { type TSchema, Type } from "typebox";
import { describeSchema, type Json, type JsonObject, namedSchemas, protocolVersion } from "./documents.ts";
import type { EventContract } from "./events/event.ts";
import { events } from "./events/events.ts";
import { partitionCount } from "./limits.ts";
import { Time } from "./primitives.ts";
import { chatClientFrames, chatServerFrames } from "./sockets/chat.ts";
import { closeCodes } from "./sockets/close-codes.ts";
import { notificationsClientFrames, notificationsServerFrames } from "./sockets/notifications.ts";

interface Socket {
  readonly name: string;
  readonly address: string;
  readonly summary: string;
  /** What the upgrade asks of the `Origin`. */
  readonly origin: string;
  readonly client: Record<string, TSchema>;
  readonly server: Record<string, TSchema>;
}

const sockets: readonly Socket[] = [
  {
    name: "chat",
    address: "/ws/chat",
    summary: "Messages, read positions and typing; for signed-in people only.",
    origin: "The request must carry `Origin`: that of PUBLIC_URL, or of the address it is sent to.",
    client: chatClientFrames,
    server: chatServerFrames,
  },
  {
    name: "notifications",
    address: "/ws/notifications",
    summary: "Presence and notifications; guests too. While it is open, its person is online.",
    origin: "A request without `Origin` comes from a guest; any other must be GoChat's own.",
    client: notificationsClientFrames,
    server: notificationsServerFrames,
  },
];

/** Both sockets and both exchanges as AsyncAPI 3.0: plain JSON, made from the frames and the events. */
export function asyncApiDocument(): object {
  return {
    asyncapi: "3.0.0",
    info: {
      title: "GoChat",
      version: protocolVersion,
      description:
        "The two WebSocket connections of a client, and the events between the services. The HTTP calls are described in the OpenAPI document.",
      license: { name: "MIT", url: "https://opensource.org/license/mit" },
    },
    defaultContentType: "application/json",
    channels: Object.fromEntries([...sockets.map(socketChannel), ...events.map(eventChannel)]),
    operations: Object.fromEntries([
      ...sockets.flatMap(socketOperations),
      ...events.flatMap(eventOperations),
    ]),
    components: {
      schemas: namedSchemas(),
      securitySchemes: {
        session: {
          type: "httpApiKey",
          in: "cookie",
          name: "auth",
          description: "The access token, as in the OpenAPI document.",
        },
      },
    },
  };
}

function socketChannel(socket: Socket): [string, Json] {
  const messages = (side: "client" | "server"): JsonObject =>
    Object.fromEntries(
      Object.entries(socket[side]).map(([type, schema]) => [
        `${side}.${type}`,
        { name: type, payload: describeSchema(schema) },
      ]),
    );
  return [
    `${socket.name}Socket`,
    {
      address: socket.address,
      summary: socket.summary,
      description: `${socket.origin} Frames are JSON text of at most 64 KiB and 16 levels; \`type\` says which one it is.`,
      messages: { ...messages("client"), ...messages("server") },
      bindings: { ws: { method: "GET", bindingVersion: "0.1.0" } },
      "x-close-codes": closeCodes,
    },
  ];
}

function socketOperations(socket: Socket): [string, Json][] {
  const channel = `#/channels/${socket.name}Socket`;
  const references = (side: "client" | "server") =>
    Object.keys(socket[side]).map((type) => ({ $ref: `${channel}/messages/${side}.${type}` }));
  const security = socket.name === "chat" ? [{ $ref: "#/components/securitySchemes/session" }] : [];
  const operation = (action: "receive" | "send", side: "client" | "server", summary: string): Json => ({
    action,
    channel: { $ref: channel },
    summary,
    security,
    messages: references(side),
  });
  return [
    [`${socket.name}.receive`, operation("receive", "client", "What a client sends.")],
    [`${socket.name}.send`, operation("send", "server", "What a client gets.")],
  ];
}

/** The routing key of an event: its name, with the partition or the node behind it where it has one. */
export function routingKeyPattern(contract: EventContract): string {
  return contract.key ? `${contract.name}.{${contract.key}}` : contract.name;
}

function eventChannel(contract: EventContract): [string, Json] {
  const parameter = {
    partition: {
      description: "The partition of the conversation: 0 … PARTITIONS − 1, of 8 unless it is set.",
      enum: Array.from({ length: partitionCount }, (_, index) => String(index)),
    },
    node: { description: "The id of the one process that gets it." },
  };
  return [
    contract.name,
    {
      address: routingKeyPattern(contract),
      summary: contract.summary,
      messages: { [contract.name]: { name: contract.name, payload: envelope(contract) } },
      ...(contract.key && { parameters: { [contract.key]: parameter[contract.key] } }),
      bindings: {
        amqp: {
          is: "routingKey",
          exchange: { name: contract.exchange, type: "topic", durable: true, autoDelete: false },
          bindingVersion: "0.3.0",
        },
      },
    },
  ];
}

function envelope(contract: EventContract): Json {
  return describeSchema(
    Type.Object({
      v: Type.Literal(1),
      type: Type.Literal(contract.name),
      at: Time,
      producer: Type.Literal(contract.producer),
      trace: Type.Optional(Type.String()),
      events: Type.Array(contract.schema, { minItems: 1 }),
    }),
  );
}

function eventOperations(contract: EventContract): [string, Json][] {
  const operation = (action: "receive" | "send", more: JsonObject): Json => ({
    action,
    channel: { $ref: `#/channels/${contract.name}` },
    messages: [{ $ref: `#/channels/${contract.name}/messages/${contract.name}` }],
    ...more,
  });
  const publish = operation("send", { summary: `${contract.producer} announces it.` });
  const handle = Object.entries(contract.consumers).map(([service, scope]): [string, Json] => [
    `${service}.handle.${contract.name}`,
    operation("receive", {
      summary:
        scope === "node" ? `Every process of ${service} gets it.` : `One process of ${service} gets it.`,
      "x-scope": scope,
    }),
  ]);
  return [[`${contract.producer}.publish.${contract.name}`, publish], ...handle];
}
