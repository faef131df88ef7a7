import { connect } from "amqplib";
import type { BrokerHarness, HarnessOptions } from "../conformance/harness.ts";
import { topologyOf } from "../rabbitmq/topology.ts";
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
export async function openRabbitmqHarness(url: string, options: HarnessOptions): Promise<RabbitmqHarness> {
  const open: RabbitmqBroker[] = [];
  async function connectOne(nodeId: string, more: Partial<RabbitmqBrokerOptions> = {}) {
    const broker = await connectRabbitmq({ url, nodeId, ...options, ...more });
    open.push(broker);
    return broker;
  }
  return {
    connect: connectOne,
    deadLetters: async (service) => (open[0] ?? (await connectOne("reader"))).deadLetters(service),
    async [Symbol.asyncDispose]() {
      await Promise.all(open.map((broker) => broker[Symbol.asyncDispose]()));
      const connection = await connect(url);
      const channel = await connection.createChannel();
      for (const { name } of topologyOf(options).queues) await channel.deleteQueue(name);
      await connection.close();
    },
  };
}
