import type { Channel, ChannelModel, ConsumeMessage } from "amqplib";
import { backOff } from "../back-off.ts";
import type { BrokerLogger, Link } from "./link.ts";
import { within } from "./within.ts";

export interface QueueConsumerOptions {
  readonly link: Link;
  /** Makes the queue where it is not there, and says its name. Done again before each time it is consumed. */
  readonly declare: (connection: ChannelModel, channel: Channel) => Promise<string>;
  /** How many messages may be here unacknowledged. */
  readonly prefetch: number;
  readonly onMessage: (message: ConsumeMessage) => void;
  /** All that arrived is lost to us, and comes again. */
  readonly onLost: () => void;
  readonly onConsuming: () => void;
  readonly logger: BrokerLogger;
}

type ChannelError = Error & { code?: number };

const closeTimeoutMs = 2_000;

/** Consumes one queue on a channel of its own; whatever closes it, the queue is consumed again on another. */
export class QueueConsumer {
  readonly #options: QueueConsumerOptions;
  readonly #first = Promise.withResolvers<void>();
  readonly #open = () => void this.#tryOpen();
  #channel: Channel | undefined;
  #queue: string | undefined;
  #isOpening = false;
  #isClosed = false;
  #failures = 0;

  constructor(options: QueueConsumerOptions) {
    this.#options = options;
    options.link.on("up", this.#open);
    this.#open();
  }

  /** Resolves when deliveries can arrive for the first time. */
  get consuming(): Promise<void> {
    return this.#first.promise;
  }

  get isConsuming(): boolean {
    return this.#channel !== undefined && !this.#isOpening;
  }

  /** While it is consumed. */
  get queue(): string | undefined {
    return this.#queue;
  }

  /** Everything up to it. A channel that is closing takes no more: it comes again. */
  acknowledge(last: ConsumeMessage): void {
    try {
      this.#channel?.ack(last, true);
    } catch {}
  }

  /** Gives back what is not acknowledged, in order, and the queue goes to the next consumer. */
  async close(isQueueOurs: boolean): Promise<void> {
    this.#isClosed = true;
    this.#options.link.off("up", this.#open);
    const channel = this.#channel;
    if (!channel) return;
    const queue = this.#queue;
    const leave = async () => {
      if (isQueueOurs && queue) await channel.deleteQueue(queue);
      // Not cancelled first: another consumer would get what comes behind before what is given back.
      await channel.close();
    };
    await within(closeTimeoutMs, leave()).catch(() => {});
  }

  async #tryOpen(): Promise<void> {
    const { link, declare, prefetch, onMessage, onConsuming } = this.#options;
    const { connection } = link;
    if (!connection || this.#channel || this.#isOpening || this.#isClosed) return;
    this.#isOpening = true;
    let failure: ChannelError | undefined;
    let channel: Channel | undefined;
    try {
      channel = await connection.createChannel();
      const opened = channel;
      opened.on("error", (error) => {
        failure = error;
      });
      opened.on("close", () => this.#lose(opened, connection, failure));
      this.#queue = await declare(connection, opened);
      await opened.prefetch(prefetch);
      this.#channel = opened;
      await opened.consume(this.#queue, (message) => {
        if (this.#channel !== opened) return;
        if (message) onMessage(message);
        // The queue was deleted: RabbitMQ cancels its consumers.
        else opened.close().catch(() => {});
      });
      this.#failures = 0;
      this.#isOpening = false;
      if (this.#isClosed) return void (await opened.close());
      this.#first.resolve();
      onConsuming();
    } catch (error) {
      this.#isOpening = false;
      if (this.#channel === channel) this.#channel = undefined;
      await channel?.close().catch(() => {});
      this.#openLater(connection, failure ?? error);
    }
  }

  #lose(channel: Channel, connection: ChannelModel, failure: ChannelError | undefined): void {
    if (this.#channel !== channel) return;
    this.#channel = undefined;
    this.#options.onLost();
    if (!this.#isOpening) this.#openLater(connection, failure);
  }

  /** Where the connection is lost too, its return does it. */
  #openLater(connection: ChannelModel, failure: unknown): void {
    if (this.#isClosed) return;
    const { link, logger } = this.#options;
    this.#failures += 1;
    setTimeout(() => {
      if (link.connection !== connection || this.#isClosed) return;
      logger.warn({ err: failure, queue: this.#queue, attempt: this.#failures }, "A consumer was lost.");
      this.#open();
    }, backOff(this.#failures));
  }
}
