import { conformanceOptions, partitioned } from "../conformance/harness.ts";
import type { QueueType } from "../rabbitmq/topology.ts";
import { connectRabbitmq } from "../rabbitmq.ts";

/** A process that takes a batch of partition 0, says so, and never gets done. */
const [url, queueType] = process.argv.slice(2) as [string, QueueType];
const broker = await connectRabbitmq({ ...conformanceOptions, url, queueType, nodeId: "killed" });
await broker.subscribe({
  service: "messages",
  contract: partitioned,
  key: 0,
  maxEvents: 2,
  handle: (events) => {
    process.stdout.write(`${JSON.stringify(events.map((event) => event.number))}\n`);
    return new Promise(() => {});
  },
});
