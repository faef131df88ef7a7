import type { ServiceName } from "@gochat/contracts/events/event";
import type { Channel, ChannelModel } from "amqplib";
import type { QueueDepth } from "../broker.ts";
import { deadLetterQueueName } from "./topology.ts";

interface ConsumedQueue {
  readonly service: ServiceName;
  /** Without the id of the process. */
  readonly name: string;
  /** As RabbitMQ knows it; undefined while it is not consumed. */
  readonly queue: string | undefined;
}

/** Queue by queue, and behind them the dead-letter queue of each service, which all of its queues share. */
export async function readDepths(
  connection: ChannelModel,
  consumed: readonly ConsumedQueue[],
): Promise<QueueDepth[]> {
  const depths: QueueDepth[] = [];
  for (const { service, name, queue } of consumed) {
    const envelopes = queue === undefined ? undefined : await lengthOf(connection, queue);
    if (envelopes !== undefined) depths.push({ service, queue: name, envelopes, deadLetters: 0 });
  }
  for (const service of new Set(consumed.map((one) => one.service))) {
    const queue = deadLetterQueueName(service);
    const deadLetters = await lengthOf(connection, queue);
    if (deadLetters !== undefined) depths.push({ service, queue, envelopes: 0, deadLetters });
  }
  return depths;
}

/** Undefined where the queue is not there; RabbitMQ then closes the channel that asked. */
async function lengthOf(connection: ChannelModel, queue: string): Promise<number | undefined> {
  const channel: Channel = await connection.createChannel();
  channel.on("error", () => {});
  try {
    const { messageCount } = await channel.checkQueue(queue);
    await channel.close();
    return messageCount;
  } catch {
    return undefined;
  }
}
