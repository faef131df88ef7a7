import { spawn } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { type ConfirmChannel, connect } from "amqplib";
import { describe, expect, test, vi } from "vitest";
import { type Broker, UnroutableError } from "../broker.ts";
import {
  addressed,
  broadcast,
  conformanceOptions,
  eventually,
  numbers,
  partitioned,
  recorder,
  shared,
} from "../conformance/harness.ts";
import { type QueueType, topologyOf } from "../rabbitmq/topology.ts";
import { openRabbitmqHarness, type PrivateRabbitmq } from "./rabbitmq-harness.ts";

const queue = "messages.conformance.partitioned.0";
const subscription = { service: "messages", contract: partitioned, key: 0 } as const;

export function describeConsumers(rabbitmq: () => PrivateRabbitmq, queueType: QueueType): void {
  const open = () => openRabbitmqHarness(rabbitmq().url, queueType, conformanceOptions);

  /** A stranger to the broker, with every right. */
  async function withChannel(work: (channel: ConfirmChannel) => Promise<void>): Promise<void> {
    const connection = await connect(rabbitmq().url);
    try {
      await work(await connection.createConfirmChannel());
    } finally {
      await connection.close();
    }
  }

  async function publishEach(broker: Broker, from: number, to: number): Promise<void> {
    for (const event of numbers(from, to)) await broker.publish(partitioned, [event], { key: 0 });
  }

  describe("consumers of RabbitMQ", () => {
    test("of two processes one at a time gets a partition; the other goes on where it left", async () => {
      await using harness = await open();
      const [one, two] = [await harness.connect("one"), await harness.connect("two")];
      const [first, second] = [recorder(), recorder()];
      await one.subscribe({ ...subscription, handle: first.handle });
      await two.subscribe({ ...subscription, handle: second.handle });
      await publishEach(two, 1, 20);
      await eventually(() => expect(first.seen).toHaveLength(20));
      expect(second.seen).toEqual([]);
      await one[Symbol.asyncDispose]();
      await publishEach(two, 21, 40);
      await eventually(() => expect(second.seen).toEqual(numbers(21, 40).map(({ number }) => number)));
    });

    test("a process that is killed with a batch in hand loses it to another, in order", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      await publishEach(broker, 1, 10);
      const program = new URL("./consume-until-killed.ts", import.meta.url).pathname;
      const child = spawn(process.execPath, [program, rabbitmq().url, queueType], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [line] = await once(child.stdout, "data", { signal: AbortSignal.timeout(30_000) });
      expect(JSON.parse(String(line))).toEqual([1, 2]);
      const messages = recorder();
      await broker.subscribe({ ...subscription, handle: messages.handle });
      expect(messages.seen).toEqual([]);
      child.kill("SIGKILL");
      await eventually(() => expect(messages.seen).toEqual(numbers(1, 10).map(({ number }) => number)));
      expect(messages.batches[0]?.attempt).toBeGreaterThan(1);
    });

    test("consumers that come and go by the dozen give up no batch that is sound", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      await publishEach(broker, 1, 5);
      for (let round = 1; round <= 12; round++) {
        const cut = recorder(() => new Promise(() => {}));
        const subscribed = await broker.subscribe({ ...subscription, handle: cut.handle });
        await eventually(() => expect(cut.batches).not.toEqual([]));
        await subscribed.close(0);
      }
      const messages = recorder();
      await broker.subscribe({ ...subscription, handle: messages.handle });
      await eventually(() => expect(messages.seen).toEqual([1, 2, 3, 4, 5]));
      expect(await broker.deadLetters("messages")).toEqual([]);
    });

    if (queueType === "quorum") {
      test("a message that ended its process too often goes to the dead letters, and its queue goes on", async () => {
        await using harness = await open();
        const broker = await harness.connect("one");
        await publishEach(broker, 1, 1);
        await withChannel(async (channel) => {
          await channel.consume(queue, (message) => message && channel.reject(message, true));
          await eventually(async () => {
            expect(await broker.deadLetters("messages")).toHaveLength(1);
          });
        });
        expect(await broker.deadLetters("messages")).toMatchObject([
          { event: "conformance.partitioned", queue, reason: "delivery_limit", events: numbers(1, 1) },
        ]);
        const messages = recorder();
        await broker.subscribe({ ...subscription, handle: messages.handle });
        await publishEach(broker, 2, 2);
        await eventually(() => expect(messages.seen).toEqual([2]));
      });
    }

    test("a queue that was deleted is made again and consumed again", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const messages = recorder();
      await broker.subscribe({ ...subscription, handle: messages.handle });
      await withChannel(async (channel) => void (await channel.deleteQueue(queue)));
      await eventually(() => publishEach(broker, 1, 1));
      await eventually(() => expect(messages.seen).toEqual([1]));
    });

    test("a binding that was removed by hand is made again", async () => {
      await using harness = await open();
      const broker = await harness.connect("one", { assertEveryMs: 200 });
      const messages = recorder();
      await broker.subscribe({ ...subscription, handle: messages.handle });
      await withChannel(async (channel) => {
        await channel.unbindQueue(queue, partitioned.exchange, "conformance.partitioned.0");
      });
      await eventually(() => publishEach(broker, 1, 1));
      await eventually(() => expect(messages.seen).toEqual([1]));
    });

    test("a node whose queue is lost gets another, and hears that it missed something", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      let returns = 0;
      broker.onReconnect(() => {
        returns += 1;
      });
      const chat = recorder();
      await broker.subscribe({ service: "chat", contract: broadcast, handle: chat.handle });
      const listed = await rabbitmq().control("list_queues", "name", "--silent");
      const own = listed.split("\n").find((name) => name.startsWith("chat.conformance.broadcast@one#"));
      await rabbitmq().control("eval", deleteQueueCode(own ?? "none"));
      await eventually(() => expect(returns).toBe(1));
      await broker.publish(broadcast, numbers(1, 1));
      await eventually(() => expect(chat.seen).toEqual([1]));
    });

    test("a queue of the other type is told of once, and serves as it is", async () => {
      const other = queueType === "classic" ? "quorum" : "classic";
      const { queues } = topologyOf({ ...conformanceOptions, queueType: other });
      const { arguments: given } = queues.find(({ name }) => name === queue)!;
      await withChannel(async (channel) => {
        await channel.assertQueue(queue, { durable: true, arguments: given });
      });
      const told: unknown[] = [];
      const logger = { info() {}, warn: (fields: object) => void told.push({ ...fields }) };
      await using harness = await open();
      const broker = await harness.connect("one", { logger, assertEveryMs: 50 });
      const messages = recorder();
      await broker.subscribe({ ...subscription, handle: messages.handle });
      await publishEach(broker, 1, 3);
      await eventually(() => expect(messages.seen).toEqual([1, 2, 3]));
      await sleep(200);
      expect(told.filter((fields) => isDeepStrictEqual(fields, { queue }))).toHaveLength(1);
    });

    test("a queue that was emptied by hand goes on with what comes next", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      await publishEach(broker, 1, 3);
      await withChannel(async (channel) => void (await channel.purgeQueue(queue)));
      const messages = recorder();
      await broker.subscribe({ ...subscription, handle: messages.handle });
      await publishEach(broker, 4, 6);
      await eventually(() => expect(messages.seen).toEqual([4, 5, 6]));
    });

    test("what another program published and does not fit reaches no handler; its neighbours do", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const head = { v: 1, at: "2026-01-01T00:00:00.000Z", producer: "chat" };
      await withChannel(async (channel) => {
        const send = (text: string) =>
          channel.publish("MessageEventsExchange", "conformance.partitioned.0", Buffer.from(text));
        send("no envelope");
        send(JSON.stringify({ ...head, type: "another.event", events: numbers(1, 1) }));
        const events = [{ number: 2 }, { number: "three" }, { number: 4 }];
        send(JSON.stringify({ ...head, type: partitioned.name, events }));
        send(JSON.stringify({ ...head, type: partitioned.name, events: [{}] }));
        await channel.waitForConfirms();
      });
      const messages = recorder();
      await broker.subscribe({ ...subscription, handle: messages.handle });
      await publishEach(broker, 5, 5);
      await eventually(() => expect(messages.seen).toEqual([2, 4, 5]));
      await eventually(async () => {
        const letters = await broker.deadLetters("messages");
        expect(letters.flatMap(({ events }) => events)).toEqual([
          "no envelope",
          { number: 1 },
          { number: "three" },
          {},
        ]);
      });
    });

    test("an event that no queue is bound for is in the queue that somebody binds for such events", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const publish = () => broker.publish(addressed, numbers(1, 1), { key: "nobody" });
      await expect(publish()).rejects.toThrow(UnroutableError);
      await withChannel(async (channel) => {
        const { queue: unrouted } = await channel.assertQueue("", { exclusive: true });
        await channel.bindQueue(unrouted, "UnroutedEventsExchange", "");
        await publish();
        const message = await channel.get(unrouted, { noAck: true });
        if (!message) throw new Error("The queue is empty.");
        expect(message.fields.routingKey).toBe("conformance.addressed.nobody");
        expect(JSON.parse(message.content.toString())).toMatchObject({ events: numbers(1, 1) });
      });
    });

    test("nothing that is sent waits for more to send along with it", async () => {
      using noDelay = vi.spyOn(Socket.prototype, "setNoDelay");
      await using harness = await open();
      await harness.connect("one");
      // One connection for publishing, one for consuming.
      await eventually(() => expect(noDelay.mock.calls).toEqual([[true], [true]]));
    });

    test("an exchange that was deleted is made again, and what was published meanwhile arrives", async () => {
      await using harness = await open();
      const broker = await harness.connect("one");
      const users = recorder();
      await broker.subscribe({ service: "users", contract: shared, handle: users.handle });
      await broker.publish(shared, numbers(1, 1));
      await withChannel(async (channel) => void (await channel.deleteExchange("MessageEventsExchange")));
      await broker.publish(shared, numbers(2, 2));
      await eventually(() => expect(users.seen).toEqual([1, 2]));
    });
  });
}

function deleteQueueCode(name: string): string {
  const resource = `rabbit_misc:r(<<"/">>, queue, <<"${name}">>)`;
  return `{ok, Q} = rabbit_amqqueue:lookup(${resource}), rabbit_amqqueue:delete(Q, false, false, <<"test">>).`;
}
