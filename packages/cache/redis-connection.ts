import { setTimeout as sleep } from "node:timers/promises";
import { CacheUnavailableError } from "./cache.ts";
import { CacheRefusedError, createRedisClient, greet, type RedisClient } from "./redis-client.ts";

/** What the cache needs of a logger; the runtime's fits. */
export interface CacheLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** One connection at a time to a Redis that may come and go. */
export interface RedisConnection extends AsyncDisposable {
  readonly description: string;
  /** Rejects with CacheUnavailableError: at once where there is no connection, and 450 ms after the call at most. */
  run<Result>(work: (client: RedisClient) => Promise<Result>): Promise<Result>;
}

interface ConnectionOptions {
  readonly url: string;
  readonly logger: CacheLogger;
}

const answerTimeoutMs = 450;
const connectTimeoutMs = 2_000;
/** Milliseconds before the second attempt; each later one waits twice as long, at most 5 s, half of it by lot. */
const firstPauseMs = 100;
const longestPauseMs = 5_000;

/** Resolves after the first attempt, whether it reached Redis or not; rejects with a CacheRefusedError. */
export async function openRedisConnection(options: ConnectionOptions): Promise<RedisConnection> {
  const connection = new LastingConnection(options);
  try {
    await connection.tried;
    return connection;
  } catch (error) {
    await connection[Symbol.asyncDispose]();
    throw error;
  }
}

interface Current {
  readonly client: RedisClient;
  /** Gives this connection up for a new one. */
  readonly lose: () => void;
}

class LastingConnection implements RedisConnection {
  readonly #url: string;
  readonly #logger: CacheLogger;
  readonly #place: string;
  readonly #closing = new AbortController();
  readonly #firstTry = Promise.withResolvers<void>();
  readonly #running: Promise<void>;
  #current: Current | undefined;
  #version: string | undefined;

  constructor({ url, logger }: ConnectionOptions) {
    this.#url = url;
    this.#logger = logger;
    this.#place = new URL(url).host;
    this.#running = this.#keepConnected();
  }

  /** Settles with the first attempt: rejects only where Redis refuses. */
  get tried(): Promise<void> {
    return this.#firstTry.promise;
  }

  get description(): string {
    const place = this.#place;
    return this.#version
      ? `Redis ${this.#version} at ${place}`
      : `Redis at ${place}, which does not answer yet`;
  }

  async run<Result>(work: (client: RedisClient) => Promise<Result>): Promise<Result> {
    const used = this.#current;
    if (!used) throw new CacheUnavailableError(new Error("There is no connection."));
    try {
      return await within(answerTimeoutMs, work(used.client));
    } catch (error) {
      // Its answer would come before those to later questions: a new connection owes none.
      if (error instanceof LateError) used.lose();
      throw new CacheUnavailableError(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #keepConnected(): Promise<void> {
    const { signal } = this.#closing;
    const place = this.#place;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await this.#serve(() => {
          failures = 0;
          this.#firstTry.resolve();
        });
        if (!signal.aborted) this.#logger.warn({ place }, "The connection to the cache was lost.");
      } catch (error) {
        if (error instanceof CacheRefusedError) this.#firstTry.reject(error);
        this.#logger.warn({ place, reason: reasonOf(error) }, "The cache does not answer.");
      }
      this.#firstTry.resolve();
      await pause(failures, signal);
    }
  }

  /** Resolves when the connection is lost, or closed. Rejects where there is none. */
  async #serve(onReady: () => void): Promise<void> {
    const { signal } = this.#closing;
    const client = createRedisClient(this.#url, connectTimeoutMs);
    const { promise: lost, resolve: lose } = Promise.withResolvers<void>();
    client.once("terminated", lose);
    const leave = () => {
      lose();
      client.destroy();
    };
    signal.addEventListener("abort", leave, { once: true });
    const greeting = greet(client);
    try {
      this.#version = await within(connectTimeoutMs, greeting);
      this.#current = { client, lose };
      onReady();
      this.#logger.info({ place: this.#place, version: this.#version }, "The cache answers.");
      await lost;
    } finally {
      this.#current = undefined;
      leave();
      signal.removeEventListener("abort", leave);
      // One that was still on its way to the server may yet arrive there.
      greeting.catch(() => {}).finally(() => client.destroy());
    }
  }
}

class LateError extends Error {}

/** Of what comes after the time nothing is heard. */
async function within<Result>(timeoutMs: number, promise: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const giveUp = () => reject(new LateError(`Nothing within ${timeoutMs} ms.`));
    // Where it was this process that stood still, the answer may be here, and only not read yet.
    timer = setTimeout(() => setImmediate(giveUp), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function pause(failures: number, signal: AbortSignal): Promise<void> {
  const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures, 30));
  await sleep(longest / 2 + (Math.random() * longest) / 2, undefined, { signal }).catch(() => {});
}

function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || String(code);
}
