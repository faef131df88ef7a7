import { describe, expect, test } from "vitest";
import { eventually, numbers, type OpenHarness, partitioned, recorder, shared } from "./harness.ts";

export function describeClosing(open: OpenHarness): void {
  describe("close", () => {
    test("waits for the batch in hand and takes no other", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const hold = Promise.withResolvers<void>();
      const messages = recorder(() => hold.promise);
      const { handle } = messages;
      await broker.publish(partitioned, numbers(1, 1), { key: 0 });
      await broker.publish(partitioned, numbers(2, 2), { key: 0 });
      const subscription = { service: "messages", contract: partitioned, key: 0, maxEvents: 1 } as const;
      const subscribed = await broker.subscribe({ ...subscription, handle });
      await eventually(() => expect(messages.seen).toEqual([1]));
      let closed = false;
      const closing = subscribed.close().then(() => {
        closed = true;
      });
      await broker.publish(shared, numbers(1, 1));
      expect(closed).toBe(false);
      hold.resolve();
      await closing;
      expect(messages.seen).toEqual([1]);
      const next = recorder();
      await broker.subscribe({ ...subscription, handle: next.handle });
      await eventually(() => expect(next.seen).toEqual([2]));
    });

    test("aborts a handler that takes longer; the next subscriber gets its batch, first", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const stuck = recorder(
        (_events, { signal }) =>
          new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
      );
      const subscription = { service: "messages", contract: partitioned, key: 0, maxEvents: 2 } as const;
      await broker.publish(partitioned, numbers(1, 2), { key: 0 });
      const subscribed = await broker.subscribe({ ...subscription, handle: stuck.handle });
      await eventually(() => expect(stuck.batches).toHaveLength(1));
      await broker.publish(partitioned, numbers(3, 3), { key: 0 });
      await subscribed.close(20);
      const next = recorder();
      await broker.subscribe({ ...subscription, handle: next.handle });
      await eventually(() => expect(next.seen).toEqual([1, 2, 3]));
      expect(stuck.batches).toHaveLength(1);
    });

    test("leaves a handler that does not heed its signal; the next subscriber gets its batch", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const deaf = recorder(() => new Promise(() => {}));
      await broker.publish(partitioned, numbers(1, 1), { key: 0 });
      const subscription = { service: "messages", contract: partitioned, key: 0 } as const;
      const subscribed = await broker.subscribe({ ...subscription, handle: deaf.handle });
      await eventually(() => expect(deaf.batches).toHaveLength(1));
      await subscribed.close(20);
      const next = recorder();
      await broker.subscribe({ ...subscription, handle: next.handle });
      await eventually(() => expect(next.seen).toEqual([1]));
    });

    test("may be called twice, and while the batch waits to come again", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const failing = recorder(() => {
        throw new Error("thrown on purpose");
      });
      const subscription = { service: "messages", contract: partitioned, key: 0 } as const;
      await broker.publish(partitioned, numbers(1, 1), { key: 0 });
      const subscribed = await broker.subscribe({ ...subscription, handle: failing.handle });
      await eventually(() => expect(failing.batches).toHaveLength(1));
      await Promise.all([subscribed.close(), subscribed.close()]);
      const next = recorder();
      await broker.subscribe({ ...subscription, handle: next.handle });
      await eventually(() => expect(next.seen).toEqual([1]));
    });

    test("of the broker waits for its handlers, and refuses afterwards", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const hold = Promise.withResolvers<void>();
      let finished = false;
      const users = recorder(async () => {
        await hold.promise;
        await broker.publish(partitioned, numbers(1, 1), { key: 0 });
        finished = true;
      });
      await broker.ping();
      await broker.subscribe({ service: "users", contract: shared, handle: users.handle });
      await broker.publish(shared, numbers(1, 1));
      await eventually(() => expect(users.batches).toHaveLength(1));
      const closing = broker[Symbol.asyncDispose]();
      hold.resolve();
      await closing;
      expect(finished).toBe(true);
      await expect(broker.publish(shared, numbers(2, 2))).rejects.toThrow();
      await expect(broker.ping()).rejects.toThrow();
    });
  });

  test("a process has one subscription a queue", async () => {
    await using harness = await open();
    const broker = await harness.connect("one");
    const { handle } = recorder();
    const subscription = { service: "messages", contract: partitioned, key: 0, handle } as const;
    const first = await broker.subscribe(subscription);
    await expect(broker.subscribe(subscription)).rejects.toThrow();
    await first.close();
    await broker.subscribe(subscription);
  });

  test("only a service that the contract names may subscribe", async () => {
    await using harness = await open();
    const broker = await harness.connect("one");
    const { handle } = recorder();
    await expect(broker.subscribe({ service: "auth", contract: shared, handle })).rejects.toThrow();
  });
}
