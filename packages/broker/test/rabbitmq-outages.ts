import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type Broker, PublishTimeoutError } from "../broker.ts";
import {
  broadcast,
  conformanceOptions,
  eventually,
  type Happened,
  numbers,
  partitioned,
  recorder,
} from "../conformance/harness.ts";
import type { QueueType } from "../rabbitmq/topology.ts";
import { openRabbitmqHarness, type PrivateRabbitmq } from "./rabbitmq-harness.ts";

const subscription = { service: "messages", contract: partitioned, key: 0 } as const;

/** As a producer should: again until it is confirmed, one after another. */
async function publishUntilConfirmed(broker: Broker, events: Happened[]): Promise<void> {
  for (;;) {
    try {
      return await broker.publish(partitioned, events, { key: 0 });
    } catch {
      await sleep(50);
    }
  }
}

export function describeOutages(rabbitmq: () => PrivateRabbitmq, queueType: QueueType): void {
  const open = () => openRabbitmqHarness(rabbitmq().url, queueType, conformanceOptions);

  /**
   * RabbitMQ 3.10 writes down half a second after the fact where a new queue has its data, and would not find those
   * of a queue that replaced another just before it was killed.
   */
  async function kill(): Promise<void> {
    await rabbitmq().control("eval", "[dets:sync(Table) || Table <- dets:all()].");
    await rabbitmq().kill();
  }

  describe("outages of RabbitMQ", () => {
    const kept = queueType === "quorum" ? "loses nothing" : "may lose what waits";
    test(`killed in the middle of a stream, it ${kept}, and everybody comes back in order`, async () => {
      await using harness = await open();
      const [one, two] = [await harness.connect("one"), await harness.connect("two")];
      const messages = recorder(() => sleep(2));
      await two.subscribe({ ...subscription, maxEvents: 5, handle: messages.handle });
      const chat = recorder();
      await two.subscribe({ service: "chat", contract: broadcast, handle: chat.handle });
      let returns = 0;
      two.onReconnect(() => {
        returns += 1;
      });
      let isBack = false;
      const all: number[] = [];
      const publishing = (async () => {
        for (let number = 1; !isBack || all.length < 100; number++) {
          all.push(number);
          await publishUntilConfirmed(one, [{ number }]);
          await sleep(1);
        }
      })();
      await eventually(() => expect(messages.seen.length).toBeGreaterThan(20));
      await kill();
      await expect(one.ping()).rejects.toThrow();
      await rabbitmq().restart();
      isBack = true;
      const lastOutside = all.at(-1)!;
      await publishing;
      await eventually(() => expect(messages.seen.at(-1)).toBe(all.at(-1)));
      if (queueType === "quorum") expect(messages.seen).toEqual(all);
      else {
        const isThere = (number: number) => number > lastOutside || messages.seen.includes(number);
        expect(messages.seen).toEqual(all.filter(isThere));
      }
      expect(await two.deadLetters("messages")).toEqual([]);
      await eventually(() => expect(returns).toBe(1));
      await eventually(() => one.publish(broadcast, numbers(1, 1)));
      await eventually(() => expect(chat.seen).toEqual([1]));
      await eventually(() => one.ping());
    });

    if (queueType === "classic") {
      test("killed, it comes back with empty queues that take events again", async () => {
        await using harness = await open();
        const broker = await harness.connect("one");
        await broker.publish(partitioned, numbers(1, 3), { key: 0 });
        await kill();
        await rabbitmq().restart();
        await eventually(() => broker.publish(partitioned, numbers(4, 4), { key: 0 }));
        const messages = recorder();
        await broker.subscribe({ ...subscription, handle: messages.handle });
        await eventually(() => expect(messages.seen).toEqual([4]));
      });
    }

    test("short of memory, it lets publishers wait and time out; consumers go on, and so does all afterwards", async () => {
      await using harness = await open();
      const broker = await harness.connect("one", { publishTimeoutMs: 500 });
      const messages = recorder();
      await broker.publish(partitioned, numbers(1, 1), { key: 0 });
      await rabbitmq().control("set_vm_memory_high_watermark", "0.0000001");
      try {
        const publishes = numbers(2, 40).map((event) => broker.publish(partitioned, [event], { key: 0 }));
        const outcomes = await Promise.allSettled(publishes);
        for (const outcome of outcomes) {
          expect(outcome).toMatchObject({ reason: expect.any(PublishTimeoutError) });
        }
        await broker.subscribe({ ...subscription, handle: messages.handle });
        await eventually(() => expect(messages.seen).toEqual([1]));
        await broker.ping();
        const waiting = broker.publish(partitioned, numbers(41, 41), { key: 0 });
        await expect(waiting).rejects.toBeInstanceOf(PublishTimeoutError);
      } finally {
        await rabbitmq().control("set_vm_memory_high_watermark", "0.4");
      }
      await eventually(() => broker.publish(partitioned, numbers(42, 42), { key: 0 }));
      await eventually(() => expect(messages.seen).toContain(42));
    });

    test("not there yet, it is waited for", async () => {
      await using harness = await open();
      await kill();
      const broker = await harness.connect("one", { publishTimeoutMs: 200 });
      await expect(broker.ping()).rejects.toThrow(/RabbitMQ at 127\.0\.0\.1:\d+ is not connected/);
      await expect(broker.publish(partitioned, numbers(1, 1), { key: 0 })).rejects.toBeInstanceOf(
        PublishTimeoutError,
      );
      const messages = recorder();
      const subscribing = broker.subscribe({ ...subscription, handle: messages.handle });
      await rabbitmq().restart();
      await subscribing;
      await eventually(() => broker.ping());
      await eventually(() => broker.publish(partitioned, numbers(2, 2), { key: 0 }));
      await eventually(() => expect(messages.seen).toEqual([2]));
    });

    test("away, it holds up no stop", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      await broker.subscribe({ ...subscription, handle: async () => {} });
      await kill();
      try {
        await broker[Symbol.asyncDispose]();
        await expect(broker.ping()).rejects.toThrow("closed");
      } finally {
        await rabbitmq().restart();
      }
    });
  });
}
