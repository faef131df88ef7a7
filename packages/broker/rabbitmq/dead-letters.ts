import type { ServiceName } from "@gochat/contracts/events/event";
import type { ChannelModel, GetMessage } from "amqplib";
import type { Poisoned } from "../batch-consumer.ts";
import { decodeEnvelope } from "../codec.ts";
import type { DeadLetter } from "../dead-letters.ts";
import type { Message } from "./lane.ts";
import { deadLetterQueueName, deadLettersExchange } from "./topology.ts";

const longestReason = 1_000;

/** A dead letter as it is published: the envelope, with why and whence beside it. */
export function deadLetterMessage(
  service: ServiceName,
  queue: string,
  { content, reason }: Poisoned,
): Message {
  return {
    exchange: deadLettersExchange,
    routingKey: deadLetterQueueName(service),
    content: Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content)),
    persistent: true,
    headers: { queue, reason: reason.slice(0, longestReason), at: new Date().toISOString() },
  };
}

/** Those that the queue of this service keeps, oldest first. They stay there. */
export async function readDeadLetters(connection: ChannelModel, service: ServiceName): Promise<DeadLetter[]> {
  const channel = await connection.createChannel();
  channel.on("error", () => {});
  const letters: DeadLetter[] = [];
  const queue = deadLetterQueueName(service);
  for (let message = await channel.get(queue); message; message = await channel.get(queue)) {
    letters.push(readDeadLetter(service, message));
  }
  // Gives all of them back, in order.
  await channel.close();
  return letters;
}

function readDeadLetter(service: ServiceName, { content, properties }: GetMessage): DeadLetter {
  // Those that RabbitMQ put there itself have headers of its own: x-first-death-queue, …-reason.
  const headers: Record<string, unknown> = properties.headers ?? {};
  const { event, events } = readContent(content);
  return {
    service,
    event,
    queue: String(headers.queue ?? headers["x-first-death-queue"] ?? ""),
    reason: String(headers.reason ?? headers["x-first-death-reason"] ?? ""),
    at: String(headers.at ?? ""),
    events,
  };
}

function readContent(content: Buffer): { event: string; events: readonly unknown[] } {
  try {
    const { type, events } = decodeEnvelope(content.toString());
    return { event: type, events };
  } catch {
    return { event: "", events: [content.toString()] };
  }
}
