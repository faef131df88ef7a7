import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RabbitmqEngine, startRabbitmq } from "@gochat/engines/rabbitmq";
import { afterAll, beforeAll, describe, vi } from "vitest";
import { describeBroker } from "../broker.conformance.ts";
import type { QueueType } from "../rabbitmq/topology.ts";
import { describeConsumers } from "./rabbitmq-consumers.ts";
import { openRabbitmqHarness } from "./rabbitmq-harness.ts";
import { describeOutages } from "./rabbitmq-outages.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let folder: string;
let rabbitmq: RabbitmqEngine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-rabbitmq-"));
  rabbitmq = await startRabbitmq({ folder });
});
afterAll(async () => {
  await rabbitmq[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

// In this order: RabbitMQ 3.10 may hang over a quorum queue that is made again after one of its name was there in a kill.
const queueTypes: readonly QueueType[] = ["classic", "quorum"];
describe.each(queueTypes)("with %s queues", (queueType) => {
  describeBroker("RabbitMQ", (options) => openRabbitmqHarness(rabbitmq.url, queueType, options));
  describeConsumers(() => rabbitmq, queueType);
  describeOutages(() => rabbitmq, queueType);
});
