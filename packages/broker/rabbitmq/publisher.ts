import type { ChannelModel } from "amqplib";
import { Lane, type Message } from "./lane.ts";
import type { BrokerLogger, Link } from "./link.ts";

export interface PublisherOptions {
  readonly link: Link;
  readonly timeoutMs: number;
  /** Makes again what is missing. */
  readonly repair: (connection: ChannelModel) => Promise<void>;
  readonly logger: BrokerLogger;
}

/** The lanes of a process: within one the order is kept, and one does not wait for another. */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #pending = new Set<Promise<void>>();
  #repairing: Promise<void> | undefined;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  async publish(lane: string, message: Message): Promise<void> {
    const published = this.#laneOf(lane).publish(message);
    this.#pending.add(published);
    try {
      await published;
    } finally {
      this.#pending.delete(published);
    }
  }

  /** Resolves when everything on its way has its answer. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#pending);
  }

  #laneOf(name: string): Lane {
    let lane = this.#lanes.get(name);
    if (!lane) {
      const { link, timeoutMs, logger } = this.#options;
      lane = new Lane({ link, timeoutMs, logger, repair: () => this.#repair() });
      this.#lanes.set(name, lane);
    }
    return lane;
  }

  /** Once for all lanes that ask at the same time. */
  #repair(): Promise<void> {
    const { link, repair, logger } = this.#options;
    this.#repairing ??= repair(link.requireConnection())
      .catch((err) => logger.warn({ err }, "What is missing in RabbitMQ cannot be made again."))
      .finally(() => {
        this.#repairing = undefined;
      });
    return this.#repairing;
  }
}
