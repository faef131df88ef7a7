import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { serviceQueues } from "@gochat/broker/topology";
import { events } from "@gochat/contracts/events/events";
import { partitionCount } from "@gochat/contracts/limits";
import type { Channel } from "amqplib";
import type { Random } from "../drive/random.ts";
import { rabbitmqctl } from "../system/rabbitmqctl.ts";
import type { Stack } from "../system/stack.ts";
import type { Fault, Faults } from "./fault.ts";

const alarmMs = 10_000;
const fillingMs = 3_000;

/** What a person with too many rights can do to queues, and what RabbitMQ does when it is short of memory. */
export const brokerFaults: Faults<Stack> = {
  "rabbitmq-alarm": {
    struck: "rabbitmq",
    async strike({ system }) {
      await rabbitmqctl(system.state, "set_vm_memory_high_watermark", "absolute", "1MB");
      await sleep(alarmMs);
      await rabbitmqctl(system.state, "set_vm_memory_high_watermark", "0.4");
    },
  },
  "queue-purged": queueFault((channel, { name }) => channel.purgeQueue(name)),
  "queue-deleted": queueFault((channel, { name }) => channel.deleteQueue(name)),
  /** With seconds of messages in them: of each device some are lost, and others follow at once. */
  "full-queues-deleted": {
    struck: "queue",
    async strike({ system }) {
      const { pid } = await system.storingNode();
      process.kill(pid, "SIGSTOP");
      try {
        await sleep(fillingMs);
        await withChannel(system, async (channel) => {
          for (const { name, event } of serviceQueues(events, partitionCount)) {
            if (event === "message.sent") await channel.deleteQueue(name);
          }
        });
      } finally {
        process.kill(pid, "SIGCONT");
      }
    },
  },
  "binding-deleted": queueFault((channel, { name, exchange, routingKey }) =>
    channel.unbindQueue(name, exchange, routingKey),
  ),
  /** What is no envelope at all. */
  garbage: {
    struck: "queue",
    async strike({ system, random, history }) {
      const id = randomUUID();
      history.write({ kind: "poison", id });
      await withChannel(system, async (channel) => {
        channel.sendToQueue(pickQueue(random).name, Buffer.from(`{ garbage ${id}`), { persistent: true });
      });
    },
  },
};

/** A queue with messages on their way to be stored or counted, or with what was read. */
function pickQueue(random: Random) {
  const queues = serviceQueues(events, partitionCount);
  return random.pick(
    queues.filter(({ service, event }) => service === "notifications" || event === "message.sent"),
  );
}

function queueFault(
  strike: (channel: Channel, queue: ReturnType<typeof pickQueue>) => Promise<unknown>,
): Fault<Stack> {
  return {
    struck: "queue",
    strike: ({ system, random }) => withChannel(system, (channel) => strike(channel, pickQueue(random))),
  };
}

async function withChannel(system: Stack, work: (channel: Channel) => Promise<unknown>): Promise<void> {
  const connection = await system.connectBroker();
  try {
    const channel = await connection.createChannel();
    await work(channel);
    await channel.close();
  } finally {
    await connection.close();
  }
}
