import { describe, expect, test } from "vitest";
import { describeCache } from "./cache.conformance.ts";
import { createMemoryCache } from "./memory.ts";

describeCache("memory", async () => {
  const cache = createMemoryCache();
  return { connect: async () => cache, [Symbol.asyncDispose]: () => cache[Symbol.asyncDispose]() };
});

describe("the cache in process is bounded", () => {
  test("in number: the least recently used entries go first, counters and leases stay", async () => {
    await using cache = createMemoryCache({ maxEntries: 10 });
    await cache.increment("version");
    await cache.leases("connections").hold([{ owner: "ana", id: "1" }], 60_000);
    await cache.set("used", "value", 60);
    for (let number = 0; number < 100; number++) {
      await cache.set(`entry ${number}`, "value", 60);
      await cache.get("used");
    }
    expect(await cache.get("entry 90")).toBeNull();
    expect(await cache.get("entry 99")).toBe("value");
    expect(await cache.get("used")).toBe("value");
    expect(await cache.get("version")).toBe("1");
    expect(await cache.leases("connections").held()).toEqual(["ana"]);
  });

  test("in size: what is larger than the whole cache is not kept, nor what it was to replace", async () => {
    await using cache = createMemoryCache({ maxSize: 1_000 });
    await cache.set("key", "small", 60);
    await cache.set("key", "x".repeat(2_000), 60);
    expect(await cache.get("key")).toBeNull();
    for (let number = 0; number < 10; number++) await cache.set(`entry ${number}`, "x".repeat(400), 60);
    expect(await cache.get("entry 0")).toBeNull();
    expect(await cache.get("entry 9")).not.toBeNull();
  });
});

test("time is that of the clock it was given", async () => {
  let now = 1_000;
  await using cache = createMemoryCache({ clock: () => now });
  await cache.set("key", "value", 10);
  await cache.increment("version");
  const leases = cache.leases("connections");
  await leases.hold([{ owner: "ana", id: "1" }], 30_000);
  now += 9_999;
  expect(await cache.get("key")).toBe("value");
  now += 2;
  expect(await cache.get("key")).toBeNull();
  now += 30_000;
  expect(await leases.expire()).toEqual(["ana"]);
  now += 24 * 60 * 60 * 1000;
  expect(await cache.get("version")).toBe("1");
});
