import type { ChannelModel, ConfirmChannel } from "amqplib";
import { backOff } from "../back-off.ts";
import { PublishTimeoutError, QueueFullError, UnroutableError } from "../broker.ts";
import type { BrokerLogger, Link } from "./link.ts";

export interface Message {
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  /** Whether a classic queue writes it to disk; a quorum queue always does. */
  readonly persistent: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface LaneOptions {
  readonly link: Link;
  readonly timeoutMs: number;
  /** Makes again what is missing, where RabbitMQ knows no such exchange. Does not reject. */
  readonly repair: () => Promise<void>;
  readonly logger: BrokerLogger;
}

interface Publication extends Message {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
  /** Its publisher has its answer. */
  isSettled: boolean;
  isReturned: boolean;
}

type ChannelError = Error & { code?: number };

/** Handed to RabbitMQ and not confirmed yet. */
const window = 256;
const longestLine = 10_000;
const accessRefused = 403;
const notFound = 404;

/**
 * One confirm channel, on which messages go out in the order in which they came: also after the channel was lost,
 * when what was not confirmed goes out again. Each waits for at most `timeoutMs`.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #waiting: Publication[] = [];
  /** By the number that travels with it, in the order sent. */
  readonly #sent = new Map<number, Publication>();
  #channel: ConfirmChannel | undefined;
  #isOpening = false;
  #failures = 0;
  #lastNumber = 0;

  constructor(options: LaneOptions) {
    this.#options = options;
    options.link.on("up", () => this.#open());
    options.link.on("unblocked", () => this.#pump());
    this.#open();
  }

  publish(message: Message): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (this.#waiting.length >= longestLine) throw new QueueFullError(`in front of ${message.routingKey}`);
    const publication: Publication = {
      ...message,
      resolve,
      reject,
      timer: setTimeout(() => this.#timeOut(publication), this.#options.timeoutMs),
      isSettled: false,
      isReturned: false,
    };
    this.#waiting.push(publication);
    this.#pump();
    return promise;
  }

  #timeOut(publication: Publication): void {
    settle(publication, new PublishTimeoutError(publication.routingKey));
    const place = this.#waiting.indexOf(publication);
    if (place >= 0) this.#waiting.splice(place, 1);
  }

  #pump(): void {
    const channel = this.#channel;
    if (!channel || this.#options.link.isBlocked) return;
    while (this.#sent.size < window) {
      const publication = this.#waiting.shift();
      if (!publication) return;
      this.#send(channel, publication);
    }
  }

  #send(channel: ConfirmChannel, publication: Publication): void {
    const { exchange, routingKey, content, persistent, headers } = publication;
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    this.#sent.set(number, publication);
    const properties = {
      mandatory: true,
      persistent,
      contentType: "application/json",
      messageId: String(number),
      ...(headers && { headers }),
    };
    try {
      channel.publish(exchange, routingKey, content, properties, (error) => this.#confirm(number, error));
    } catch {
      // The channel is closing; its end sorts this one in again.
    }
  }

  #confirm(number: number, error: Error | null): void {
    if (error && error.message !== "message nacked") return;
    const publication = this.#sent.get(number);
    if (!publication) return;
    this.#sent.delete(number);
    this.#failures = 0;
    const { routingKey, isReturned } = publication;
    if (error) settle(publication, new QueueFullError(`behind ${routingKey}`));
    else settle(publication, isReturned ? new UnroutableError(routingKey) : undefined);
    this.#pump();
  }

  async #open(): Promise<void> {
    const { connection } = this.#options.link;
    if (!connection || this.#channel || this.#isOpening) return;
    this.#isOpening = true;
    let failure: ChannelError | undefined;
    try {
      const channel = await connection.createConfirmChannel();
      channel.on("error", (error) => {
        failure = error;
      });
      channel.on("close", () => this.#close(connection, failure));
      channel.on("return", ({ properties }) => {
        const returned = this.#sent.get(Number(properties.messageId));
        if (returned) returned.isReturned = true;
      });
      this.#channel = channel;
      this.#isOpening = false;
      this.#pump();
    } catch (error) {
      this.#isOpening = false;
      this.#openLater(connection, error);
    }
  }

  #close(connection: ChannelModel, failure: ChannelError | undefined): void {
    this.#channel = undefined;
    const unconfirmed = [...this.#sent.values()].filter(({ isSettled }) => !isSettled);
    this.#sent.clear();
    if (failure?.code === accessRefused) {
      for (const publication of unconfirmed) settle(publication, failure);
    } else {
      for (const publication of unconfirmed) publication.isReturned = false;
      this.#waiting.unshift(...unconfirmed);
    }
    this.#openLater(connection, failure);
  }

  /** Where the connection is lost too, its return opens the lane again. */
  #openLater(connection: ChannelModel, failure: unknown): void {
    const { link, repair, logger } = this.#options;
    this.#failures += 1;
    setTimeout(async () => {
      if (link.connection !== connection) return;
      logger.warn({ err: failure, attempt: this.#failures }, "A channel to RabbitMQ was lost.");
      if ((failure as ChannelError | undefined)?.code === notFound) await repair();
      await this.#open();
    }, backOff(this.#failures));
  }
}

function settle(publication: Publication, error?: Error): void {
  if (publication.isSettled) return;
  publication.isSettled = true;
  clearTimeout(publication.timer);
  if (error) publication.reject(error);
  else publication.resolve();
}
