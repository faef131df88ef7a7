import { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChannelModel, connect } from "amqplib";
import { backOff } from "../back-off.ts";
import { type RabbitmqAddress, refusalOf } from "./address.ts";
import { within } from "./within.ts";

export interface BrokerLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface LinkOptions {
  readonly address: RabbitmqAddress;
  /** Shown by RabbitMQ. */
  readonly name: string;
  /** Done on each new connection before anyone else may use it. */
  readonly prepare?: (connection: ChannelModel) => Promise<void>;
  readonly logger: BrokerLogger;
}

interface LinkEvents {
  up: [ChannelModel];
  down: [];
  /** RabbitMQ is short of memory or disk and reads nothing more from us; or it reads again. */
  blocked: [];
  unblocked: [];
}

const connectTimeoutMs = 10_000;
const prepareTimeoutMs = 30_000;
const closeTimeoutMs = 2_000;
const longestBackOffMs = 2_000;
/** A connection that ends sooner counts as a failed attempt: what ended it may be there again. */
const shortLifeMs = 5_000;
/** Of the failed attempts in a row, the first and every tenth after it. */
const logEvery = 10;

/** One connection to RabbitMQ, made anew whenever it is lost. */
export class Link extends EventEmitter<LinkEvents> {
  readonly #options: LinkOptions;
  readonly #stop = new AbortController();
  readonly #refusal = Promise.withResolvers<never>();
  readonly #firstTry = Promise.withResolvers<void>();
  readonly #running: Promise<void>;
  #connection: ChannelModel | undefined;
  #isBlocked = false;
  #wasUp = false;
  #failure: Error | undefined;
  #refused: Error | undefined;

  constructor(options: LinkOptions) {
    super();
    this.setMaxListeners(0);
    this.#options = options;
    this.#refusal.promise.catch(() => {});
    this.#running = this.#run();
  }

  /** Undefined while there is none. */
  get connection(): ChannelModel | undefined {
    return this.#connection;
  }

  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** Resolves after the first attempt, whether or not RabbitMQ was there. */
  get tried(): Promise<void> {
    return this.#firstTry.promise;
  }

  /** Rejects where RabbitMQ is there and does not let us in, before it ever did; never resolves. */
  get refused(): Promise<never> {
    return this.#refusal.promise;
  }

  /** Throws a sentence where there is no connection, and the refusal where there will be none. */
  requireConnection(): ChannelModel {
    if (this.#connection) return this.#connection;
    if (this.#refused) throw this.#refused;
    throw new Error(`RabbitMQ at ${this.#options.address.place} is not connected.`, { cause: this.#failure });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    if (this.#connection) await closeOrDestroy(this.#connection);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { address, logger } = this.#options;
    const { signal } = this.#stop;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const { ended } = await this.#connect();
        this.#firstTry.resolve();
        const began = performance.now();
        await ended;
        failures = performance.now() - began < shortLifeMs ? failures + 1 : 0;
      } catch (error) {
        failures += 1;
        this.#failure = error instanceof Error ? error : new Error(String(error));
        const refusal = this.#wasUp ? undefined : refusalOf(address, this.#failure);
        if (refusal) {
          this.#refused = refusal;
          this.#refusal.reject(refusal);
          return;
        }
        if (failures % logEvery === 1) {
          const fields = { err: this.#failure, broker: address.place, attempt: failures };
          logger.warn(fields, "RabbitMQ cannot be reached; trying again.");
        }
        this.#firstTry.resolve();
      }
      const pause = backOff(Math.max(failures, 1), 100, longestBackOffMs);
      await sleep(pause, undefined, { signal }).catch(() => {});
    }
  }

  /** Resolves when the connection can be used, with the promise of its end. */
  async #connect(): Promise<{ ended: Promise<void> }> {
    const { address, name, prepare, logger } = this.#options;
    const connection = await connect(address.url, {
      noDelay: true,
      keepAlive: true,
      timeout: connectTimeoutMs,
      clientProperties: { connection_name: name },
    });
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    connection.on("error", (error) => {
      this.#failure = error;
    });
    connection.on("close", () => this.#end(connection, end));
    connection.on("blocked", (reason) => {
      logger.warn({ broker: address.place, reason }, "RabbitMQ takes no messages for now.");
      this.#isBlocked = true;
      this.emit("blocked");
    });
    connection.on("unblocked", () => {
      logger.info({ broker: address.place }, "RabbitMQ takes messages again.");
      this.#isBlocked = false;
      this.emit("unblocked");
    });
    try {
      if (prepare) await within(prepareTimeoutMs, Promise.race([prepare(connection), endedEarly(ended)]));
      this.#stop.signal.throwIfAborted();
    } catch (error) {
      await closeOrDestroy(connection);
      throw error;
    }
    this.#connection = connection;
    this.#wasUp = true;
    this.emit("up", connection);
    return { ended };
  }

  #end(connection: ChannelModel, end: () => void): void {
    this.#isBlocked = false;
    if (this.#connection === connection) {
      this.#connection = undefined;
      if (!this.#stop.signal.aborted) {
        const { address, logger } = this.#options;
        logger.warn({ err: this.#failure, broker: address.place }, "The connection to RabbitMQ is lost.");
      }
      this.emit("down");
    }
    end();
  }
}

async function endedEarly(ended: Promise<void>): Promise<never> {
  await ended;
  throw new Error("RabbitMQ closed the connection.");
}

/** A RabbitMQ that says nothing more must not keep this process. */
async function closeOrDestroy(connection: ChannelModel): Promise<void> {
  try {
    await within(closeTimeoutMs, connection.close());
  } catch {
    const { stream } = connection.connection as unknown as { stream: Duplex };
    stream.destroy();
  }
}
