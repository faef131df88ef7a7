import { describe, expect, test } from "vitest";
import { InvalidEventError, QueueFullError, UnroutableError } from "../broker.ts";
import {
  addressed,
  broadcast,
  eventually,
  mixed,
  numbers,
  type OpenHarness,
  partitioned,
  recorder,
  shared,
  unheard,
} from "./harness.ts";

export function describePublishing(open: OpenHarness): void {
  describe("publish", () => {
    test("keeps events for a service that subscribes later", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      await broker.publish(shared, numbers(1, 3));
      const users = recorder();
      await broker.subscribe({ service: "users", contract: shared, handle: users.handle });
      await eventually(() => expect(users.seen).toEqual([1, 2, 3]));
    });

    test("refuses what does not fit the schema, and none of its neighbours arrives", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const users = recorder();
      await broker.subscribe({ service: "users", contract: shared, handle: users.handle });
      const invalid: unknown[][] = [
        [{ number: 1 }, { number: "2" }],
        [{}],
        [null],
        [{ number: Number.NaN }],
        [{ number: 1n }],
        [],
      ];
      for (const events of invalid) {
        await expect(broker.publish(shared, events as { number: number }[])).rejects.toBeInstanceOf(
          InvalidEventError,
        );
      }
      await broker.publish(shared, [{ number: 9 }]);
      await eventually(() => expect(users.seen).toEqual([9]));
    });

    test("refuses what no queue is bound for", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const cases = [
        () => broker.publish(unheard, numbers(1, 1)),
        () => broker.publish(partitioned, numbers(1, 1)),
        () => broker.publish(partitioned, numbers(1, 1), { key: 4 }),
        () => broker.publish(shared, numbers(1, 1), { key: 0 }),
        () => broker.publish(addressed, numbers(1, 1), { key: "nobody" }),
        () => broker.publish(broadcast, numbers(1, 1)),
      ];
      for (const publish of cases) await expect(publish()).rejects.toBeInstanceOf(UnroutableError);
    });

    test("resolves where only a service is there and no node", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      await broker.publish(mixed, numbers(1, 1));
      const notifications = recorder();
      await broker.subscribe({ service: "notifications", contract: mixed, handle: notifications.handle });
      await eventually(() => expect(notifications.seen).toEqual([1]));
    });

    test("refuses at the bound of a queue, and takes events again when there is room", async () => {
      await using harness = await open({ maxQueueLength: 3 });
      const broker = await harness.connect("one");
      const users = recorder();
      for (const event of numbers(1, 3)) await broker.publish(shared, [event]);
      await expect(broker.publish(shared, [{ number: 4 }])).rejects.toBeInstanceOf(QueueFullError);
      // The queue of the other service is as full: still refused.
      await broker.subscribe({ service: "users", contract: shared, handle: users.handle });
      await eventually(() => expect(users.seen).toEqual([1, 2, 3]));
      await expect(broker.publish(shared, [{ number: 4 }])).rejects.toBeInstanceOf(QueueFullError);
      const notifications = recorder();
      await broker.subscribe({ service: "notifications", contract: shared, handle: notifications.handle });
      await eventually(() => expect(notifications.seen).toEqual([1, 2, 3]));
      await eventually(() => broker.publish(shared, [{ number: 5 }]));
      await eventually(() => expect(notifications.seen).toContain(5));
      await eventually(() => expect(users.seen).toContain(5));
    });

    test("refuses at the bound of a queue's text, and takes events again when there is room", async () => {
      await using harness = await open({ maxQueueTextLength: 10_000 });
      const broker = await harness.connect("one");
      const long = (number: number) => [{ number, tags: ["x".repeat(4_000)] }];
      const to = { key: 0 };
      await broker.publish(partitioned, long(1), to);
      await broker.publish(partitioned, long(2), to);
      const more = async () => {
        for (let number = 3; number <= 5; number++) await broker.publish(partitioned, long(number), to);
      };
      await expect(more()).rejects.toBeInstanceOf(QueueFullError);
      await broker.publish(partitioned, long(6), { key: 1 });
      const messages = recorder();
      const subscription = { service: "messages", contract: partitioned, ...to } as const;
      await broker.subscribe({ ...subscription, handle: messages.handle });
      await eventually(() => expect(messages.seen).toEqual(expect.arrayContaining([1, 2])));
      for (let number = 7; number <= 12; number++) {
        await eventually(() => broker.publish(partitioned, long(number), to));
      }
      await eventually(() => expect(messages.seen).toContain(12));
    });

    test("never runs a handler inside itself", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const users = recorder();
      await broker.subscribe({ service: "users", contract: shared, handle: users.handle });
      let during = 0;
      const published = broker.publish(shared, numbers(1, 1)).then(() => {
        during = users.batches.length;
      });
      expect(users.batches).toEqual([]);
      await published;
      await eventually(() => expect(users.seen).toEqual([1]));
      // What is confirmed may be delivered at once by another process, but never before the confirmation here.
      if (!broker.durable) expect(during).toBe(0);
    });
  });
}
