import { setTimeout as sleep } from "node:timers/promises";
import { backOff } from "@gochat/broker/back-off";
import { type Broker, BrokerRefusedError } from "@gochat/broker/broker";
import { createMemoryBroker } from "@gochat/broker/memory";
import { connectRabbitmq } from "@gochat/broker/rabbitmq";
import { events } from "@gochat/contracts/events/events";
import { StartError } from "@gochat/database/start-error";
import type { Logger } from "@gochat/runtime/logger";
import type { ServiceDefinition } from "@gochat/runtime/service";
import type { Settings } from "@gochat/runtime/settings";

interface BrokerOptions {
  readonly settings: Settings;
  readonly definitions: readonly ServiceDefinition[];
  readonly nodeId: string;
  readonly logger: Logger;
  /** Ends the waiting for a RabbitMQ that does not answer. */
  readonly signal: AbortSignal;
}

export type DescribedBroker = Broker & { readonly description: string };

/** The broker by URL, or the one in this process. Resolves once it answers. */
export async function openBroker(options: BrokerOptions): Promise<DescribedBroker> {
  const { settings, definitions, nodeId, logger, signal } = options;
  const common = { events, nodeId, partitions: settings.partitions, logger };
  if (!settings.brokerUrl) {
    return Object.assign(createMemoryBroker(common), { description: "in this process" });
  }
  try {
    await using opened = new AsyncDisposableStack();
    const services = definitions.map(({ name }) => name);
    const { brokerUrl: url, queueType } = settings;
    const connecting = connectRabbitmq({ ...common, url, queueType, services });
    const broker = opened.use(await connecting);
    await untilItAnswers(broker, signal);
    opened.move();
    return broker;
  } catch (error) {
    throw error instanceof BrokerRefusedError ? new StartError(error.message, { cause: error }) : error;
  }
}

async function untilItAnswers(broker: Broker, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await broker.ping();
    } catch (error) {
      if (error instanceof BrokerRefusedError) throw error;
      await sleep(backOff(attempt, 50, 1_000), undefined, { signal });
    }
  }
}
