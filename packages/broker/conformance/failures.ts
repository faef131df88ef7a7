import { describe, expect, test } from "vitest";
import { eventually, numbers, type OpenHarness, partitioned, recorder } from "./harness.ts";

export function describeFailures(open: OpenHarness): void {
  describe("a handler that throws", () => {
    test("gets the same batch again, in fresh copies, before what came later", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const messages = recorder((events, { attempt }) => {
        if (attempt > 2) return;
        for (const event of events) event.number = -1;
        throw new Error("thrown on purpose");
      });
      const { handle } = messages;
      await broker.publish(partitioned, numbers(1, 2), { key: 0 });
      await broker.subscribe({ service: "messages", contract: partitioned, key: 0, maxEvents: 2, handle });
      await eventually(() => expect(messages.batches).not.toEqual([]));
      await broker.publish(partitioned, numbers(3, 4), { key: 0 });
      await eventually(() => expect(messages.seen).toEqual([1, 2, 3, 4]));
      expect(messages.batches.slice(0, 3)).toEqual([
        { numbers: [1, 2], attempt: 1 },
        { numbers: [1, 2], attempt: 2 },
        { numbers: [1, 2], attempt: 3 },
      ]);
      expect(messages.batches[3]).toEqual({ numbers: [3, 4], attempt: 1 });
    });

    test("is given time before it gets the batch again", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const times: number[] = [];
      const messages = recorder((_events, { attempt }) => {
        times.push(performance.now());
        if (attempt < 3) throw new Error("thrown on purpose");
      });
      const { handle } = messages;
      await broker.subscribe({ service: "messages", contract: partitioned, key: 0, handle });
      await broker.publish(partitioned, numbers(1, 1), { key: 0 });
      await eventually(() => expect(times).toHaveLength(3));
      expect(times[1]! - times[0]!).toBeGreaterThan(20);
      expect(times[2]! - times[1]!).toBeGreaterThan(40);
    });

    test("loses the batch to the dead-letter queue after the limit, and the queue goes on", async () => {
      await using harness = await open({ deliveryLimit: 3 });
      const broker = await harness.connect("one");
      const messages = recorder((events) => {
        if (events.some((event) => event.number <= 2)) throw new Error("thrown on purpose");
      });
      const { handle } = messages;
      await broker.publish(partitioned, numbers(1, 2), { key: 3 });
      await broker.publish(partitioned, numbers(3, 3), { key: 3 });
      await broker.subscribe({ service: "messages", contract: partitioned, key: 3, maxEvents: 2, handle });
      await eventually(() => expect(messages.seen).toEqual([1, 2, 3]));
      expect(messages.batches.map((batch) => batch.attempt)).toEqual([1, 2, 3, 1]);
      await eventually(async () => {
        const letters = await harness.deadLetters("messages");
        expect(letters.map((letter) => letter.event)).toContain("conformance.partitioned");
        expect(letters.flatMap((letter) => letter.events)).toEqual(numbers(1, 2));
      });
    });

    test("holds up its own queue only", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const failing = recorder(() => {
        throw new Error("thrown on purpose");
      });
      const healthy = recorder();
      await broker.subscribe({ service: "messages", contract: partitioned, key: 0, handle: failing.handle });
      await broker.subscribe({ service: "messages", contract: partitioned, key: 1, handle: healthy.handle });
      await broker.publish(partitioned, numbers(1, 1), { key: 0 });
      await broker.publish(partitioned, numbers(2, 2), { key: 1 });
      await eventually(() => expect(healthy.seen).toEqual([2]));
      await eventually(() => expect(failing.batches.length).toBeGreaterThan(1));
    });
  });

  test("a handler may give one poisoned event to the dead-letter queue; its neighbours go on", async () => {
    await using harness = await open();
    const broker = await harness.connect("one");
    const messages = recorder(async (events, delivery) => {
      for (const event of events) if (event.number === 2) await delivery.deadLetter(event, "poisoned");
    });
    await broker.subscribe({ service: "messages", contract: partitioned, key: 0, handle: messages.handle });
    await broker.publish(partitioned, numbers(1, 3), { key: 0 });
    await eventually(() => expect(messages.seen).toEqual([1, 2, 3]));
    await eventually(async () => {
      const letters = await harness.deadLetters("messages");
      expect(letters.flatMap((letter) => letter.events)).toEqual([{ number: 2 }]);
      const depths = await broker.depths();
      expect(depths.filter(({ deadLetters }) => deadLetters > 0)).toEqual([
        expect.objectContaining({ service: "messages", deadLetters: 1, envelopes: 0 }),
      ]);
    });
  });
}
