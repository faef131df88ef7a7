import { type EventContract, serviceNames } from "@gochat/contracts/events/event";
import { events } from "@gochat/contracts/events/events";
import { expect, test } from "vitest";
import { permissionsOf, topicPermissionsOf } from "./permissions.ts";
import { topologyOf } from "./rabbitmq/topology.ts";
import { routingKeyOf } from "./topology.ts";

const keyOf = (event: EventContract) =>
  routingKeyOf(event, { partition: 3, node: "chat-1", none: undefined }[event.key ?? "none"]);

test.each(serviceNames)(
  "%s may publish what it produces and bind to what it consumes, and nothing else",
  (service) => {
    const { write, read } = permissionsOf(service, events);
    const topics = new Map(topicPermissionsOf(service, events).map((topic) => [topic.exchange, topic]));
    for (const event of events) {
      const { exchange, producer, consumers } = event;
      const topic = topics.get(exchange)!;
      const mayWrite = new RegExp(write).test(exchange) && new RegExp(topic.write).test(keyOf(event));
      const mayRead = new RegExp(read).test(exchange) && new RegExp(topic.read).test(keyOf(event));
      expect([event.name, mayWrite, mayRead]).toEqual([
        event.name,
        producer === service,
        consumers[service] !== undefined,
      ]);
    }
  },
);

test.each(serviceNames)("%s may make and read its own queues, and nobody else's", (service) => {
  const { configure, write, read } = permissionsOf(service, events);
  for (const { name, service: owner } of topologyOf({ events, partitions: 8 }).queues) {
    const rights = [configure, write, read].map((pattern) => new RegExp(pattern).test(name));
    expect([name, ...rights]).toEqual([name, ...Array(3).fill(owner === service)]);
  }
  expect(new RegExp(configure).test(`${service}.message.stored@chat-1#1`)).toBe(true);
});

test("no part of a name is enough", () => {
  const { write } = permissionsOf("chat", events);
  expect(new RegExp(write).test("MessageEventsExchange2")).toBe(false);
  const topic = topicPermissionsOf("chat", events).find(
    ({ exchange }) => exchange === "MessageEventsExchange",
  )!;
  expect(new RegExp(topic.write).test("message.sent")).toBe(false);
  expect(new RegExp(topic.write).test("messageXsent.3")).toBe(false);
  expect(new RegExp(topic.write).test("message.sent.3.more")).toBe(false);
});
