import { createClient } from "@redis/client";

/** Redis answers, and will not do: a wrong password, a missing right, too old. The message says what to do. */
export class CacheRefusedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CacheRefusedError";
  }
}

export type RedisClient = ReturnType<typeof createRedisClient>;

const oldestVersion = 7;

/** A client for one connection, which is lost once. */
export function createRedisClient(url: string, connectTimeoutMs: number) {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: 10_000,
    // Coming back is the connection's, so that one that hangs in the middle of a greeting is left as well.
    socket: { reconnectStrategy: false, connectTimeout: connectTimeoutMs },
  });
  // Each command that fails tells it too.
  client.on("error", () => {});
  return client;
}

/** Connects, and returns the version. Rejects with a CacheRefusedError where it is not let in. */
export async function greet(client: RedisClient): Promise<string> {
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
