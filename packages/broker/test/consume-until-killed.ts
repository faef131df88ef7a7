import { conformanceOptions, partitioned } from "../conformance/harness.ts";
import { connectRabbitmq } from "../rabbitmq.ts";

/** A process that takes a batch of partition 0, says so, and never gets done. */
const broker = await connectRabbitmq({ ...conformanceOptions, url: process.argv[2]!, nodeId: "killed" });
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
