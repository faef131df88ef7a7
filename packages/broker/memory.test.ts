import { events } from "@gochat/contracts/events/events";
import { userRegistered } from "@gochat/contracts/events/user-events";
import { describe, expect, test } from "vitest";
import { describeBroker } from "./broker.conformance.ts";
import { QueueFullError } from "./broker.ts";
import { broadcast, eventually, numbers, partitioned, recorder, shared } from "./conformance/harness.ts";
import { createMemoryBroker } from "./memory.ts";

describeBroker("memory", async (options) => {
  const broker = createMemoryBroker({ ...options, nodeId: "one" });
  return {
    // All processes of the suite share this one: its node queues are made anew for each subscription.
    connect: async () => broker,
    deadLetters: async (service) => broker.deadLetters(service),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
});

test("depths count what waits behind the batch in hand, and name a queue without its process", async () => {
  await using broker = createMemoryBroker({ events: [broadcast, partitioned], nodeId: "one" });
  const hold = Promise.withResolvers<void>();
  const messages = recorder(() => hold.promise);
  const { handle } = messages;
  await broker.subscribe({ service: "messages", contract: partitioned, key: 0, maxEvents: 1, handle });
  await broker.subscribe({ service: "chat", contract: broadcast, handle: async () => {} });
  for (const event of numbers(1, 3)) await broker.publish(partitioned, [event], { key: 0 });
  await eventually(() => expect(messages.seen).toEqual([1]));
  expect(await broker.depths()).toEqual([
    { service: "messages", queue: "messages.conformance.partitioned.0", envelopes: 2, deadLetters: 0 },
    { service: "chat", queue: "chat.conformance.broadcast", envelopes: 0, deadLetters: 0 },
  ]);
  hold.resolve();
});

describe("settle", () => {
  const open = () => createMemoryBroker({ events: [partitioned, shared], nodeId: "one", deliveryLimit: 2 });

  test("resolves when what handlers published is handled too", async () => {
    await using broker = open();
    const users = recorder();
    await broker.subscribe({ service: "users", contract: shared, handle: users.handle });
    await broker.subscribe({
      service: "messages",
      contract: partitioned,
      key: 0,
      handle: async (arrived) => {
        await new Promise(setImmediate);
        await broker.publish(shared, arrived);
      },
    });
    await broker.settle();
    await broker.publish(partitioned, numbers(1, 3), { key: 0 });
    await broker.settle();
    expect(users.seen).toEqual([1, 2, 3]);
  });

  test("waits for redeliveries, and does not wait for services that are not there", async () => {
    await using broker = open();
    await broker.subscribe({
      service: "users",
      contract: shared,
      handle: async () => {
        throw new Error("thrown on purpose");
      },
    });
    await broker.publish(shared, numbers(1, 1));
    await broker.settle();
    expect(broker.deadLetters("users")).toMatchObject([
      { service: "users", event: "conformance.shared", reason: "thrown on purpose", events: numbers(1, 1) },
    ]);
    expect(broker.deadLetters("notifications")).toEqual([]);
  });

  test("names the queues that did not come to rest", async () => {
    await using broker = open();
    const hold = Promise.withResolvers<void>();
    await broker.subscribe({ service: "users", contract: shared, handle: () => hold.promise });
    await broker.publish(shared, numbers(1, 1));
    await expect(broker.settle(20)).rejects.toThrow("users.conformance.shared");
    hold.resolve();
  });
});

test("an envelope over the bound gets into an empty queue, and nothing beside it", async () => {
  const bounds = { maxQueueTextLength: 1_000 };
  await using broker = createMemoryBroker({ events: [partitioned], nodeId: "one", ...bounds });
  const long = [{ number: 1, tags: ["x".repeat(2_000)] }];
  await broker.publish(partitioned, long, { key: 0 });
  await expect(broker.publish(partitioned, numbers(2, 2), { key: 0 })).rejects.toThrow(QueueFullError);
});

test("the topology of the real contracts is complete", async () => {
  await using broker = createMemoryBroker({ events, nodeId: "one" });
  const at = "2026-01-01T00:00:00.000Z";
  await broker.publish(userRegistered, [{ userId: crypto.randomUUID(), username: "ana", at }]);
});
