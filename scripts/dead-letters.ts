import { readDeadLetters } from "@gochat/broker/rabbitmq/dead-letters";
import { deadLetterQueueName } from "@gochat/broker/rabbitmq/topology";
import { type ServiceName, serviceNames } from "@gochat/contracts/events/event";
import { readSettings } from "@gochat/runtime/settings";
import { type ChannelModel, connect } from "amqplib";

const usage = `Usage: BROKER_URL=… npm run dead-letters -- SERVICE [--contents] [--drop]
Lists what the dead-letter queue of a service keeps, oldest first. --contents prints the events too, and so what people
wrote; --drop takes away what was listed.`;

async function list(connection: ChannelModel, service: ServiceName, withContents: boolean): Promise<number> {
  const letters = await readDeadLetters(connection, service);
  for (const { at, queue, event, reason, events } of letters) {
    console.log(
      JSON.stringify({ at, queue, event, count: events.length, reason, ...(withContents && { events }) }),
    );
  }
  return letters.length;
}

/** The oldest ones, and none that came after they were looked at. */
async function drop(connection: ChannelModel, service: ServiceName, count: number): Promise<void> {
  const channel = await connection.createChannel();
  for (let dropped = 0; dropped < count; dropped++) {
    const message = await channel.get(deadLetterQueueName(service));
    if (message) channel.ack(message);
  }
  await channel.close();
}

const [name, ...options] = process.argv.slice(2);
const service = serviceNames.find((one) => one === name);
const { brokerUrl } = readSettings(process.env);
if (!service || !brokerUrl || options.some((option) => !["--contents", "--drop"].includes(option))) {
  console.error(usage);
  process.exitCode = 1;
} else {
  const connection = await connect(brokerUrl);
  const count = await list(connection, service, options.includes("--contents"));
  if (options.includes("--drop")) await drop(connection, service, count);
  console.log(`${count} dead letters of ${service}${options.includes("--drop") ? ", taken away" : ""}`);
  await connection.close();
}
