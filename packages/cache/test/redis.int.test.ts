import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "@gochat/engines/engine";
import { freePort } from "@gochat/engines/free-port";
import { startRedis } from "@gochat/engines/redis";
import { createClient } from "@redis/client";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { describeCache } from "../cache.conformance.ts";
import { type Cache, CacheUnavailableError } from "../cache.ts";
import { connectRedis } from "../redis.ts";
import { CacheRefusedError, type RedisClient } from "../redis-client.ts";

const silent = { info() {}, warn() {} };
const lease = { owner: "ana", id: "1" };
const longMs = 60_000;

let folder: string;
let redis: Engine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-cache-"));
  redis = await startRedis({ folder, password: "of-the-test" });
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => ask((client) => client.flushAll()));

async function ask<Result>(work: (client: RedisClient) => Promise<Result>): Promise<Result> {
  const client: RedisClient = createClient({ url: redis.url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}

function connect(url = redis.url) {
  return connectRedis({ url, logger: silent });
}

function eventually<Result>(assertion: () => Result): Promise<Awaited<Result>> {
  return vi.waitFor(assertion, { timeout: 10_000, interval: 20 }) as Promise<Awaited<Result>>;
}

describeCache("redis", async () => {
  const open: Cache[] = [];
  return {
    async connect() {
      const cache = await connect();
      open.push(cache);
      return cache;
    },
    async [Symbol.asyncDispose]() {
      for (const cache of open) await cache[Symbol.asyncDispose]();
    },
  };
});

test("says what it is, without the password", async () => {
  await using cache = await connect();
  expect(cache.description).toMatch(/^Redis 7\.\S+ at 127\.0\.0\.1:\d+$/);
});

test("its keys begin with gochat:, and everything but the leases has a time to live", async () => {
  await using cache = await connect();
  await cache.set("key", "value", 60);
  await cache.increment("version");
  await cache.leases("connections").hold([lease], longMs);
  const times = await ask(async (client) => {
    const keys = (await client.keys("*")).sort();
    return Promise.all(keys.map(async (key) => [key, await client.ttl(key)] as const));
  });
  expect(times).toEqual([
    ["gochat:entry:key", expect.closeTo(60, -1)],
    ["gochat:entry:version", expect.closeTo(2 * 24 * 60 * 60, -1)],
    ["gochat:leases:connections:of:ana", -1],
    ["gochat:leases:connections:owners", -1],
  ]);
});

test("leases by the thousand change in order, and nothing of them is left behind", async () => {
  await using cache = await connect();
  const leases = cache.leases("connections");
  const many = Array.from({ length: 2_400 }, (_, index) => ({ owner: `${index % 1_200}`, id: `${index}` }));
  expect(await leases.hold(many, longMs)).toHaveLength(1_200);
  expect(await leases.held(many.map(({ owner }) => owner))).toHaveLength(1_200);
  expect(await leases.release(many)).toHaveLength(1_200);
  await leases.hold(many, 1);
  await eventually(async () => expect(await leases.held()).toEqual([]));
  expect(await leases.expire()).toHaveLength(1_200);
  expect(await ask((client) => client.dbSize())).toBe(0);
});

test("emptied under its leases, it knows them again once they are held again", async () => {
  await using cache = await connect();
  const leases = cache.leases("connections");
  await leases.hold([lease], longMs);
  await ask((client) => client.flushAll());
  expect(await leases.held()).toEqual([]);
  expect(await leases.release([{ owner: "ana", id: "2" }])).toEqual([]);
  expect(await leases.hold([lease], longMs)).toEqual(["ana"]);
  expect(await leases.expire()).toEqual([]);
});

test("a Redis that is full still says that it cannot, and keeps what it has", async () => {
  await using cache = await connect();
  await cache.leases("connections").hold([lease], longMs);
  await ask((client) => client.configSet("maxmemory", "1"));
  try {
    await expect(cache.set("key", "value", 60)).rejects.toBeInstanceOf(CacheUnavailableError);
    expect(await cache.leases("connections").held()).toEqual(["ana"]);
  } finally {
    await ask((client) => client.configSet("maxmemory", "256mb"));
  }
});

test("an answer that this process reads late, since it stood still itself, is an answer", async () => {
  await using cache = await connect();
  await cache.set("key", "value", 60);
  const asked = cache.get("key");
  const until = performance.now() + 700;
  setImmediate(() => {
    while (performance.now() < until);
  });
  expect(await asked).toBe("value");
});

describe("a Redis that goes", () => {
  test("killed and started again, it is found again", async () => {
    await using cache = await connect();
    await redis.kill();
    const calls = [
      cache.get("key"),
      cache.increment("version"),
      cache.leases("connections").held(),
      cache.ping(),
    ];
    for (const call of calls) await expect(call).rejects.toBeInstanceOf(CacheUnavailableError);
    await redis.restart();
    await eventually(() => cache.ping());
    expect(await cache.leases("connections").hold([lease], longMs)).toEqual(["ana"]);
  });

  test("hanging, it keeps nobody waiting, and afterwards no answer is mixed up", async () => {
    await using cache = await connect();
    await cache.set("key", "value", 60);
    process.kill(redis.pid, "SIGSTOP");
    try {
      const began = performance.now();
      const calls = Array.from({ length: 20 }, () => cache.get("key"));
      for (const call of calls) await expect(call).rejects.toBeInstanceOf(CacheUnavailableError);
      expect(performance.now() - began).toBeLessThan(2_000);
      // The hanging one also takes connections, and does not greet.
      await expect(cache.ping()).rejects.toBeInstanceOf(CacheUnavailableError);
    } finally {
      process.kill(redis.pid, "SIGCONT");
    }
    await eventually(() => cache.ping());
    expect(await cache.get("key")).toBe("value");
    expect(await cache.increment("version")).toBe(1);
  });

  test("not there at the start, it is waited for without an error", async () => {
    const port = await freePort();
    await using cache = await connect(`redis://127.0.0.1:${port}`);
    expect(cache.description).toBe(`Redis at 127.0.0.1:${port}, which does not answer yet`);
    await expect(cache.ping()).rejects.toBeInstanceOf(CacheUnavailableError);
    await using _late = await startRedis({ folder: join(folder, "late"), port });
    await eventually(() => cache.ping());
    expect(cache.description).toMatch(/^Redis 7\./);
  });
});

describe("a Redis that answers and refuses stops the start, with what to do and without the password", () => {
  test.each([
    ["a wrong password", { username: "default", password: "wrong" }, "WRONGPASS"],
    ["no password", { username: "", password: "" }, "NOAUTH"],
    ["a database it does not have", { pathname: "/99" }, "out of range"],
  ])("%s", async (_what, parts, reason) => {
    const refusal = connect(Object.assign(new URL(redis.url), parts).href);
    await expect(refusal).rejects.toBeInstanceOf(CacheRefusedError);
    await expect(refusal).rejects.toThrow(/^The cache refuses GoChat \(.*CACHE_URL\.$/);
    await expect(refusal).rejects.toThrow(reason);
    await expect(refusal).rejects.toThrow(/^(?!.*(wrong:|of-the-test))/);
  });
});
