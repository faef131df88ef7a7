import { LRUCache } from "lru-cache";
import { type Cache, CacheUnavailableError, type Leases } from "./cache.ts";
import { MemoryLeases } from "./memory-leases.ts";

export interface MemoryCacheOptions {
  /** Bound of entries, and of counters on their own. Default 20,000. */
  readonly maxEntries?: number;
  /** Bound of keys and values together, in UTF-16 code units. Default 32 Mi. */
  readonly maxSize?: number;
  /** Milliseconds; only differences count. Without it a clock that nobody can set back. */
  readonly clock?: () => number;
}

const counterTtlMs = 2 * 24 * 60 * 60 * 1000;

/** The cache inside one process, bounded in number and in size. */
export function createMemoryCache(options: MemoryCacheOptions = {}): Cache {
  return new InProcessCache(options);
}

class InProcessCache implements Cache {
  readonly #entries: LRUCache<string, string>;
  /** On their own, so that entries can't push them out: a version key that starts anew would repeat versions. */
  readonly #counters: LRUCache<string, number>;
  readonly #leases = new Map<string, MemoryLeases>();
  readonly #clock: () => number;
  #closed = false;

  constructor({ maxEntries = 20_000, maxSize = 32 * 1024 * 1024, clock }: MemoryCacheOptions) {
    this.#clock = clock ?? (() => performance.now());
    const time = { perf: { now: this.#clock }, ttlResolution: 0 };
    this.#entries = new LRUCache({
      ...time,
      max: maxEntries,
      maxSize,
      sizeCalculation: (value, key) => key.length + value.length + 1,
    });
    this.#counters = new LRUCache({ ...time, max: maxEntries, ttl: counterTtlMs });
  }

  async get(key: string): Promise<string | null> {
    this.#assertOpen();
    const counter = this.#counters.get(key);
    return counter === undefined ? (this.#entries.get(key) ?? null) : String(counter);
  }

  async set(key: string, value: string, ttlSeconds: number): Promise<void> {
    this.#assertOpen();
    if (!(ttlSeconds >= 1)) throw new RangeError(`ttlSeconds is at least 1, not ${ttlSeconds}.`);
    this.#counters.delete(key);
    this.#entries.set(key, value, { ttl: ttlSeconds * 1000 });
  }

  async delete(key: string): Promise<void> {
    this.#assertOpen();
    this.#entries.delete(key);
    this.#counters.delete(key);
  }

  async increment(key: string): Promise<number> {
    this.#assertOpen();
    if (this.#entries.has(key)) throw new TypeError(`${key} holds a value, not a counter.`);
    const count = (this.#counters.get(key) ?? 0) + 1;
    this.#counters.set(key, count);
    return count;
  }

  leases(name: string): Leases {
    let leases = this.#leases.get(name);
    if (!leases) {
      leases = new MemoryLeases(this.#clock, () => this.#assertOpen());
      this.#leases.set(name, leases);
    }
    return leases;
  }

  async ping(): Promise<void> {
    this.#assertOpen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#entries.clear();
    this.#counters.clear();
    this.#leases.clear();
  }

  #assertOpen(): void {
    if (this.#closed) throw new CacheUnavailableError(new Error("It is closed."));
  }
}
