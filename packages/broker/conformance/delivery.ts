import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Delivery } from "../broker.ts";
import {
  addressed,
  broadcast,
  eventually,
  type Happened,
  mixed,
  numbers,
  type OpenHarness,
  partitioned,
  recorder,
  shared,
} from "./harness.ts";

export function describeDelivery(open: OpenHarness): void {
  describe("delivery", () => {
    test("reaches each service that the contract names", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const [users, notifications] = [recorder(), recorder()];
      await broker.subscribe({ service: "users", contract: shared, handle: users.handle });
      await broker.subscribe({ service: "notifications", contract: shared, handle: notifications.handle });
      await broker.publish(shared, numbers(1, 2));
      await eventually(() => expect(users.seen).toEqual([1, 2]));
      await eventually(() => expect(notifications.seen).toEqual([1, 2]));
    });

    test("hands out copies: of what was published, and to each consumer its own", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const got: (string[] | undefined)[] = [];
      for (const service of ["users", "notifications"] as const) {
        await broker.subscribe({
          service,
          contract: shared,
          handle: async ([event]) => {
            got.push([...(event?.tags ?? [])]);
            event?.tags?.push(`touched by ${service}`);
          },
        });
      }
      const event = { number: 1, tags: ["as published"] };
      const published = broker.publish(shared, [event]);
      event.tags.push("changed later");
      await published;
      await eventually(() => expect(got).toEqual([["as published"], ["as published"]]));
      expect(event.tags).toEqual(["as published", "changed later"]);
    });

    test("says when the oldest of a batch was published, and by which traces", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const before = new Date().toISOString();
      await broker.publish(partitioned, numbers(1, 1), { key: 3, trace: "first" });
      const between = new Date().toISOString();
      await broker.publish(partitioned, numbers(2, 2), { key: 3 });
      await broker.publish(partitioned, numbers(3, 3), { key: 3, trace: "third" });
      const deliveries: Delivery<Happened>[] = [];
      const messages = recorder((_events, delivery) => deliveries.push(delivery));
      await broker.subscribe({
        service: "messages",
        contract: partitioned,
        key: 3,
        handle: messages.handle,
      });
      await eventually(() => expect(messages.seen).toEqual([1, 2, 3]));
      expect(deliveries.flatMap(({ traces }) => traces)).toEqual(["first", "third"]);
      expect(deliveries[0]!.publishedAt >= before && deliveries[0]!.publishedAt <= between).toBe(true);
    });

    test("keeps the order within a partition, and the partitions apart", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const [first, second] = [recorder(), recorder()];
      await broker.subscribe({ service: "messages", contract: partitioned, key: 0, handle: first.handle });
      await broker.subscribe({ service: "messages", contract: partitioned, key: 1, handle: second.handle });
      for (const event of numbers(1, 100)) {
        await broker.publish(partitioned, [event], { key: event.number % 2 });
      }
      const all = numbers(1, 100).map((event) => event.number);
      await eventually(() => expect(first.seen).toEqual(all.filter((number) => number % 2 === 0)));
      await eventually(() => expect(second.seen).toEqual(all.filter((number) => number % 2 === 1)));
    });

    test("gathers behind a large batch, where it is asked to, and not behind a small one", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const starts: number[] = [];
      const messages = recorder(() => starts.push(performance.now()));
      const { handle } = messages;
      const gather = { from: 3, forMs: 400 };
      await broker.subscribe({ service: "messages", contract: partitioned, key: 2, gather, handle });
      const publish = (from: number, to: number) =>
        broker.publish(partitioned, numbers(from, to), { key: 2 });
      await publish(1, 2);
      await eventually(() => expect(messages.seen).toHaveLength(2));
      await publish(3, 5);
      await eventually(() => expect(messages.seen).toHaveLength(5));
      await publish(6, 8);
      await eventually(() => expect(messages.seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8]));
      // A timer may fire a little early.
      expect(starts[2]! - starts[1]!).toBeGreaterThan(380);
    });

    test("one batch at a time; what waits meanwhile is joined, and no envelope is split", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const hold = Promise.withResolvers<void>();
      let running = 0;
      let most = 0;
      const messages = recorder(async () => {
        running += 1;
        most = Math.max(most, running);
        await hold.promise;
        running -= 1;
      });
      await broker.publish(partitioned, numbers(1, 3), { key: 2 });
      const { handle } = messages;
      await broker.subscribe({ service: "messages", contract: partitioned, key: 2, maxEvents: 5, handle });
      await eventually(() => expect(messages.batches).toHaveLength(1));
      for (const [from, to] of [
        [4, 5],
        [6, 7],
        [8, 9],
        [10, 16],
        [17, 17],
      ] as const) {
        await broker.publish(partitioned, numbers(from, to), { key: 2 });
      }
      hold.resolve();
      await eventually(() => expect(messages.seen).toHaveLength(17));
      expect(most).toBe(1);
      expect(messages.batches.map((batch) => batch.numbers)).toEqual([
        [1, 2, 3],
        [4, 5, 6, 7],
        [8, 9],
        [10, 11, 12, 13, 14, 15, 16],
        [17],
      ]);
    });

    test("scope node: every process gets every event", async () => {
      await using harness = await open();
      const [one, two] = [await harness.connect("one"), await harness.connect("two")];
      const [first, second, notifications] = [recorder(), recorder(), recorder()];
      await one.subscribe({ service: "chat", contract: mixed, handle: first.handle });
      const leaving = await two.subscribe({ service: "chat", contract: mixed, handle: second.handle });
      await one.subscribe({ service: "notifications", contract: mixed, handle: notifications.handle });
      await one.publish(mixed, numbers(1, 2));
      await eventually(() => expect(first.seen).toEqual([1, 2]));
      await eventually(() => expect(second.seen).toEqual([1, 2]));
      await leaving.close();
      await one.publish(mixed, numbers(3, 3));
      await eventually(() => expect(first.seen).toEqual([1, 2, 3]));
      await eventually(() => expect(notifications.seen).toEqual([1, 2, 3]));
      expect(second.seen).toEqual([1, 2]);
    });

    test("a node's queue goes with it, and starts empty", async () => {
      await using harness = await open();
      const [one, two] = [await harness.connect("one"), await harness.connect("two")];
      const [first, second] = [recorder(), recorder()];
      await one.subscribe({ service: "chat", contract: broadcast, handle: first.handle });
      await one.publish(broadcast, numbers(1, 1));
      await two.subscribe({ service: "chat", contract: broadcast, handle: second.handle });
      await one.publish(broadcast, numbers(2, 2));
      await eventually(() => expect(first.seen).toEqual([1, 2]));
      await eventually(() => expect(second.seen).toEqual([2]));
    });

    test("a node key reaches that one process", async () => {
      await using harness = await open();
      const [one, two] = [await harness.connect("one"), await harness.connect("two")];
      const [first, second] = [recorder(), recorder()];
      await one.subscribe({ service: "chat", contract: addressed, key: "one", handle: first.handle });
      await two.subscribe({ service: "chat", contract: addressed, key: "two", handle: second.handle });
      await one.publish(addressed, numbers(1, 1), { key: "two" });
      await one.publish(addressed, numbers(2, 2), { key: "one" });
      await eventually(() => expect(first.seen).toEqual([2]));
      await eventually(() => expect(second.seen).toEqual([1]));
    });

    test("any sequence of publishes, with handlers that throw: in order, and nothing lost", async () => {
      const publication = fc.record({ key: fc.nat({ max: 1 }), count: fc.integer({ min: 1, max: 7 }) });
      const sequence = fc.array(publication, { minLength: 1, maxLength: 25 });
      const throws = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 });
      const property = fc.asyncProperty(
        sequence,
        throws,
        fc.nat({ max: 12 }),
        async (all, plan, maxEvents) => {
          await using harness = await open();
          const broker = await harness.connect("one");
          const expected: number[][] = [[], []];
          const handled: number[][] = [[], []];
          let delivery = 0;
          for (const key of [0, 1]) {
            await broker.subscribe({
              service: "messages",
              contract: partitioned,
              key,
              maxEvents: maxEvents + 1,
              handle: async (events, { attempt }) => {
                delivery += 1;
                if (attempt <= 2 && plan[delivery % plan.length]) throw new Error("thrown on purpose");
                handled[key]!.push(...events.map((event) => event.number));
              },
            });
          }
          let next = 1;
          for (const { key, count } of all) {
            const events = numbers(next, next + count - 1);
            next += count;
            expected[key]!.push(...events.map((event) => event.number));
            await broker.publish(partitioned, events, { key });
          }
          for (const key of [0, 1]) {
            await eventually(() => expect([...new Set(handled[key])]).toEqual(expected[key]));
          }
          expect(await harness.deadLetters("messages")).toEqual([]);
        },
      );
      await fc.assert(property, { numRuns: 15, seed: 20_260_301 });
    }, 60_000);
  });
}
