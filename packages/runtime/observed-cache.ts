import type { Cache } from "@gochat/cache/cache";
import type { ServiceName } from "@gochat/contracts/events/event";
import type { Metrics } from "./metrics.ts";

/** Gives each service the cache in a form that counts what it finds. */
export function observeCache(cache: Cache, metrics: Metrics): (service: ServiceName) => Cache {
  const requests = metrics.counter({
    name: "gochat_cache_requests_total",
    help: "Look-ups in the cache: hit, miss, or failed where the cache did not answer.",
    labels: ["service", "result"],
  });
  return (service) => ({
    async get(key) {
      try {
        const value = await cache.get(key);
        requests.inc({ service, result: value === null ? "miss" : "hit" });
        return value;
      } catch (error) {
        requests.inc({ service, result: "failed" });
        throw error;
      }
    },
    set: (key, value, ttlSeconds) => cache.set(key, value, ttlSeconds),
    delete: (key) => cache.delete(key),
    increment: (key) => cache.increment(key),
    leases: (name) => cache.leases(name),
    ping: () => cache.ping(),
    [Symbol.asyncDispose]: () => cache[Symbol.asyncDispose](),
  });
}
