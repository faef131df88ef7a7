import { connect } from "amqplib";
import { vi } from "vitest";
import type { BrokerHarness, HarnessOptions } from "../conformance/harness.ts";
import { type QueueType, topologyOf } from "../rabbitmq/topology.ts";
import { connectRabbitmq, type RabbitmqBroker, type RabbitmqBrokerOptions } from "../rabbitmq.ts";

export interface RabbitmqHarness extends BrokerHarness {
  connect(nodeId: string, options?: Partial<RabbitmqBrokerOptions>): Promise<RabbitmqBroker>;
}

/** The engine of the test that drives it. */
export interface PrivateRabbitmq {
  readonly url: string;
  kill(): Promise<void>;
  restart(): Promise<void>;
  control(...args: string[]): Promise<string>;
}

/** Processes over a RabbitMQ that is there already. Its queues are deleted at the end. */
export async function openRabbitmqHarness(
  url: string,
  queueType: QueueType,
  options: HarnessOptions,
): Promise<RabbitmqHarness> {
  const open: RabbitmqBroker[] = [];
  async function connectOne(nodeId: string, more: Partial<RabbitmqBrokerOptions> = {}) {
    const broker = await connectRabbitmq({ url, nodeId, queueType, ...options, ...more });
    open.push(broker);
    return broker;
  }
  return {
    connect: connectOne,
    deadLetters: async (service) => (open[0] ?? (await connectOne("reader"))).deadLetters(service),
    async [Symbol.asyncDispose]() {
      await Promise.all(open.map((broker) => broker[Symbol.asyncDispose]()));
      const names = topologyOf(options).queues.map(({ name }) => name);
      // Just after a kill, RabbitMQ may still stumble over a queue that it is bringing back.
      await vi.waitFor(() => deleteQueues(url, names), { timeout: 20_000, interval: 500 });
    },
  };
}

async function deleteQueues(url: string, names: readonly string[]): Promise<void> {
  const connection = await connect(url);
  // RabbitMQ ends the connection over an error of its own; what is asked on the channel then says so, or never answers.
  const failed = new Promise<never>((_, reject) => connection.on("error", reject));
  const deleting = (async () => {
    const channel = await connection.createChannel();
    for (const name of names) await channel.deleteQueue(name);
  })();
  try {
    await Promise.race([deleting, failed]);
  } finally {
    await connection.close().catch(() => {});
  }
}
