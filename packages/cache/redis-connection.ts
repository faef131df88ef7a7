import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@redis/client";
import { CacheUnavailableError } from "./cache.ts";

/** What the cache needs of a logger; the runtime's fits. */
export interface CacheLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Redis answers, and will not do: a wrong password, a missing right, too old. The message says what to do. */
export class CacheRefusedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CacheRefusedError";
  }
}

export type RedisClient = ReturnType<typeof newClient>;

/** One connection at a time to a Redis that may come and go. */
export interface RedisConnection extends AsyncDisposable {
  readonly description: string;
  /** Rejects with CacheUnavailableError: at once where there is no connection, and 450 ms after the call at most. */
  run<Result>(work: (client: RedisClient) => Promise<Result>): Promise<Result>;
}

const oldestVersion = 7;
const answerTimeoutMs = 450;
const connectTimeoutMs = 2_000;
/** Milliseconds before the second attempt; each later one waits twice as long, at most 5 s, half of it by lot. */
const firstPauseMs = 100;
const longestPauseMs = 5_000;

/** Resolves after the first attempt, whether it reached Redis or not; rejects with a CacheRefusedError. */
export async function openRedisConnection(options: {
  readonly url: string;
  readonly logger: CacheLogger;
}): Promise<RedisConnection> {
  const { url, logger } = options;
  const place = new URL(url).host;
  const closing = new AbortController();
  let current: Current | undefined;
  let version: string | undefined;

  /** Resolves when the connection is lost, or closed. Rejects where there is none. */
  async function serve(onReady: () => void): Promise<void> {
    const client = newClient(url);
    const { promise: lost, resolve: lose } = Promise.withResolvers<void>();
    client.once("terminated", lose);
    const leave = () => {
      lose();
      client.destroy();
    };
    closing.signal.addEventListener("abort", leave, { once: true });
    const greeting = greet(client);
    try {
      version = await within(connectTimeoutMs, greeting);
      current = { client, lose };
      onReady();
      logger.info({ place, version }, "The cache answers.");
      await lost;
    } finally {
      current = undefined;
      leave();
      closing.signal.removeEventListener("abort", leave);
      // One that was still on its way to the server may yet arrive there.
      greeting.catch(() => {}).finally(() => client.destroy());
    }
  }

  async function keepConnected(first: PromiseWithResolvers<void>): Promise<void> {
    for (let failures = 0; !closing.signal.aborted; failures++) {
      try {
        await serve(() => {
          failures = 0;
          first.resolve();
        });
        if (!closing.signal.aborted) logger.warn({ place }, "The connection to the cache was lost.");
      } catch (error) {
        if (error instanceof CacheRefusedError) first.reject(error);
        logger.warn({ place, reason: reasonOf(error) }, "The cache does not answer.");
      }
      first.resolve();
      await pause(failures, closing.signal);
    }
  }

  const first = Promise.withResolvers<void>();
  const running = keepConnected(first);
  async function close(): Promise<void> {
    closing.abort();
    await running;
  }
  try {
    await first.promise;
  } catch (error) {
    await close();
    throw error;
  }
  return {
    get description() {
      return version ? `Redis ${version} at ${place}` : `Redis at ${place}, which does not answer yet`;
    },
    async run(work) {
      const used = current;
      if (!used) throw new CacheUnavailableError(new Error("There is no connection."));
      try {
        return await within(answerTimeoutMs, work(used.client));
      } catch (error) {
        // Its answer would come before those to later questions: a new connection owes none.
        if (error instanceof LateError) used.lose();
        throw new CacheUnavailableError(error);
      }
    },
    [Symbol.asyncDispose]: close,
  };
}

interface Current {
  readonly client: RedisClient;
  /** Gives this connection up for a new one. */
  readonly lose: () => void;
}

function newClient(url: string) {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: 10_000,
    // Coming back is this file's, so that one that hangs in the middle of a greeting is left as well.
    socket: { reconnectStrategy: false, connectTimeout: connectTimeoutMs },
  });
  // Each command that fails tells it too.
  client.on("error", () => {});
  return client;
}

/** Connects, and returns the version. */
async function greet(client: RedisClient): Promise<string> {
  try {
    await client.connect();
    await client.ping();
    const { version } = await client.hello();
    if (Number.parseInt(version, 10) >= oldestVersion) return version;
    throw new CacheRefusedError(`The cache is Redis ${version}; GoChat needs ${oldestVersion} or newer.`);
  } catch (error) {
    const { message } = error as Error;
    if (!/^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH|ERR invalid DB|ERR DB index)/.test(message)) throw error;
    throw new CacheRefusedError(
      `The cache refuses GoChat (${message.replace(/\.$/, "")}). Correct user, password and database in CACHE_URL.`,
      { cause: error },
    );
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
