import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServiceName, serviceNames } from "@gochat/contracts/events/event";
import { events } from "@gochat/contracts/events/events";
import { messageStored, typingStarted } from "@gochat/contracts/events/message-events";
import { userRegistered } from "@gochat/contracts/events/user-events";
import { type RabbitmqEngine, startRabbitmq } from "@gochat/engines/rabbitmq";
import { connect } from "amqplib";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { BrokerRefusedError, UnroutableError } from "../broker.ts";
import { eventually } from "../conformance/harness.ts";
import { definitionsFor } from "../definitions.ts";
import { connectRabbitmq } from "../rabbitmq.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const passwords = Object.fromEntries(serviceNames.map((name) => [name, `${name}'s own`]));
const registered = { userId: crypto.randomUUID(), username: "ana", at: "2026-01-01T00:00:00.000Z" };
const typing = {
  conversationId: crypto.randomUUID(),
  userId: crypto.randomUUID(),
  recipientId: crypto.randomUUID(),
};

let folder: string;
let rabbitmq: RabbitmqEngine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-rabbitmq-"));
  rabbitmq = await startRabbitmq({ folder, definitions: definitionsFor({ passwords }) });
});
afterAll(async () => {
  await rabbitmq[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function urlOf(service: ServiceName): string {
  const url = new URL(rabbitmq.url);
  return Object.assign(url, { username: service, password: passwords[service] }).href;
}

function connectAs(service: ServiceName, warnings: string[] = []) {
  const logger = { info() {}, warn: (_fields: object, message: string) => void warnings.push(message) };
  return connectRabbitmq({ url: urlOf(service), events, nodeId: service, services: [service], logger });
}

test("every service starts with its own rights alone, and meets the topology as it should be", async () => {
  for (const service of serviceNames) {
    const warnings: string[] = [];
    await using broker = await connectAs(service, warnings);
    for (const contract of events.filter(({ consumers }) => consumers[service])) {
      const key = { partition: 0, node: service, none: undefined }[contract.key ?? "none"];
      const subscription = { service, contract, handle: async () => {} };
      await broker.subscribe({ ...subscription, ...(key !== undefined && { key }) });
    }
    expect(warnings).toEqual([]);
    expect(await broker.deadLetters(service)).toEqual([]);
  }
});

test("a service publishes its own events, and is refused those of another", async () => {
  await using auth = await connectAs("auth");
  await using chat = await connectAs("chat");
  await auth.publish(userRegistered, [registered]);
  await expect(chat.publish(userRegistered, [registered])).rejects.toThrow(/ACCESS_REFUSED/);
  await expect(chat.publish(typingStarted, [typing])).rejects.toBeInstanceOf(UnroutableError);
});

test("nobody publishes around the topic: neither to a queue itself nor with a longer routing key", async () => {
  const connection = await connect(urlOf("chat"));
  const refused = async (exchange: string, routingKey: string) => {
    const channel = await connection.createConfirmChannel();
    channel.on("error", () => {});
    channel.publish(exchange, routingKey, Buffer.from("{}"));
    await expect(channel.waitForConfirms()).rejects.toThrow();
  };
  await refused("", "messages.message.sent.0");
  await refused("MessageEventsExchange", messageStored.name);
  await refused("MessageEventsExchange", "message.sent.0.1");
  await refused("DeadLettersExchange", "messages.dead-letters");
  await connection.close();
});

test("nobody reads, empties, deletes or binds the queue of another", async () => {
  const connection = await connect(urlOf("chat"));
  const refused = async (
    work: (channel: Awaited<ReturnType<typeof connection.createChannel>>) => unknown,
  ) => {
    const channel = await connection.createChannel();
    channel.on("error", () => {});
    await expect(work(channel)).rejects.toThrow(/ACCESS[-_]REFUSED/);
  };
  const queue = "messages.message.sent.0";
  await refused((channel) => channel.get(queue));
  await refused((channel) => channel.consume(queue, () => {}));
  await refused((channel) => channel.purgeQueue(queue));
  await refused((channel) => channel.deleteQueue(queue));
  await refused((channel) => channel.bindQueue(queue, "MessageEventsExchange", "message.sent.1"));
  await refused(async (channel) => {
    await channel.assertQueue("chat.spy", { exclusive: true });
    await channel.bindQueue("chat.spy", "UserEventsExchange", "user.registered");
  });
  await refused((channel) => channel.deleteExchange("MessageEventsExchange"));
  await connection.close();
});

test("a dead letter of one's own is kept, and read again", async () => {
  await using auth = await connectAs("auth");
  await using users = await connectAs("users");
  await users.subscribe({
    service: "users",
    contract: userRegistered,
    handle: ([event], { deadLetter }) => deadLetter(event!, "for the test"),
  });
  await auth.publish(userRegistered, [registered]);
  await eventually(async () => {
    const letters = await users.deadLetters("users");
    expect(letters.at(-1)).toMatchObject({ reason: "for the test", events: [registered] });
  });
});

test("a wrong password, or a virtual host that is not there, is refused at once, in a sentence", async () => {
  const attempt = (change: Partial<URL>) => {
    const url = Object.assign(new URL(urlOf("chat")), change).href;
    return connectRabbitmq({ url, events, nodeId: "one" });
  };
  await expect(attempt({ password: "wrong" })).rejects.toBeInstanceOf(BrokerRefusedError);
  await expect(attempt({ password: "wrong" })).rejects.toThrow(/refuses the user chat/);
  await expect(attempt({ pathname: "/elsewhere" })).rejects.toThrow(/virtual host elsewhere/);
  await expect(attempt({ pathname: "/%2F" })).rejects.toThrow(/virtual host \//);
  await expect(connectRabbitmq({ url: "http://127.0.0.1/", events, nodeId: "one" })).rejects.toThrow(/amqp:/);
});
