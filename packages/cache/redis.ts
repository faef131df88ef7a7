import { type Cache, CacheUnavailableError, type Leases } from "./cache.ts";
import { type CacheLogger, openRedisConnection, type RedisConnection } from "./redis-connection.ts";
import { RedisLeases } from "./redis-leases.ts";

export interface RedisCacheOptions {
  /** redis://user:password@host:port/database; rediss:// with TLS. Redis 7 or newer. */
  readonly url: string;
  readonly logger: CacheLogger;
}

export interface RedisCache extends Cache {
  /** What is printed at start, without a password: "Redis 7.0.15 at localhost:6379". */
  readonly description: string;
}

/** Whatever else lives in the same Redis is left alone. */
const prefix = "gochat:";
const counterTtlMs = 2 * 24 * 60 * 60 * 1000;

/** One step: a counter without a time to live would stay for ever. */
const increment = `
local count = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return count
`;

/**
 * The cache in Redis, shared by every process. Resolves also where Redis does not answer yet: it is asked again, with
 * back-off, for as long as the cache is open. Rejects with a CacheRefusedError where it answers, and refuses.
 *
 * Everything but the leases has a time to live, so `maxmemory-policy volatile-lru` bounds it and evicts no lease.
 */
export async function connectRedis(options: RedisCacheOptions): Promise<RedisCache> {
  return new CacheInRedis(await openRedisConnection(options));
}

class CacheInRedis implements RedisCache {
  readonly #connection: RedisConnection;

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  get description(): string {
    return this.#connection.description;
  }

  get(key: string): Promise<string | null> {
    return this.#connection.run((client) => client.get(entryKey(key)));
  }

  async set(key: string, value: string, ttlSeconds: number): Promise<void> {
    if (!(ttlSeconds >= 1)) throw new RangeError(`ttlSeconds is at least 1, not ${ttlSeconds}.`);
    const expiration = { type: "PX", value: Math.round(ttlSeconds * 1000) } as const;
    await this.#connection.run((client) => client.set(entryKey(key), value, { expiration }));
  }

  async delete(key: string): Promise<void> {
    await this.#connection.run((client) => client.del(entryKey(key)));
  }

  async increment(key: string): Promise<number> {
    try {
      const options = { keys: [entryKey(key)], arguments: [String(counterTtlMs)] };
      return (await this.#connection.run((client) => client.eval(increment, options))) as number;
    } catch (error) {
      if (!isNoInteger(error)) throw error;
      throw new TypeError(`${key} holds a value, not a counter.`, { cause: error });
    }
  }

  leases(name: string): Leases {
    return new RedisLeases(this.#connection, `${prefix}leases:${name}`);
  }

  async ping(): Promise<void> {
    await this.#connection.run((client) => client.ping());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }
}

function entryKey(key: string): string {
  return `${prefix}entry:${key}`;
}

function isNoInteger(error: unknown): boolean {
  return error instanceof CacheUnavailableError && /not an integer/.test((error.cause as Error).message);
}
