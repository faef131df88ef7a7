import { describe, expect, test, vi } from "vitest";
import { type Cache, CacheUnavailableError, type Lease } from "./cache.ts";

/** Processes over the same cache, which is empty at the start. */
export interface CacheHarness extends AsyncDisposable {
  connect(): Promise<Cache>;
}

/** Waits until the assertion holds. */
function eventually<Result>(assertion: () => Result): Promise<Awaited<Result>> {
  return vi.waitFor(assertion, { timeout: 10_000, interval: 10 }) as Promise<Awaited<Result>>;
}

const lease = (owner: string, id: string): Lease => ({ owner, id });
const long = 60_000;

/** The proof of cache.ts: one body of tests for every implementation. */
export function describeCache(name: string, factory: () => Promise<CacheHarness>): void {
  describe(`cache: ${name}`, () => {
    describeEntries(factory);
    describeCounters(factory);
    describeLeases(factory);

    test("answers a ping, and refuses every call once it is closed", async () => {
      await using harness = await factory();
      const cache = await harness.connect();
      const leases = cache.leases("connections");
      await cache.ping();
      await cache[Symbol.asyncDispose]();
      const calls = [
        () => cache.ping(),
        () => cache.get("key"),
        () => cache.set("key", "value", 1),
        () => cache.delete("key"),
        () => cache.increment("counter"),
        () => leases.hold([lease("ana", "1")], long),
        () => leases.held(),
      ];
      for (const call of calls) await expect(call()).rejects.toBeInstanceOf(CacheUnavailableError);
    });
  });
}

function describeEntries(factory: () => Promise<CacheHarness>): void {
  describe("entries", () => {
    test("are there until they are replaced or deleted", async () => {
      await using harness = await factory();
      const cache = await harness.connect();
      expect(await cache.get("key")).toBeNull();
      await cache.set("key", "one", 60);
      await cache.set("other", "", 60);
      await cache.set("key", 'two "ü" 😀', 60);
      expect(await cache.get("key")).toBe('two "ü" 😀');
      expect(await cache.get("other")).toBe("");
      await cache.delete("key");
      await cache.delete("never there");
      expect(await cache.get("key")).toBeNull();
      expect(await cache.get("other")).toBe("");
    });

    test("end with their time, and refuse one below a second", async () => {
      await using harness = await factory();
      const cache = await harness.connect();
      await cache.set("short", "value", 1);
      await cache.set("long", "value", 60);
      expect(await cache.get("short")).toBe("value");
      await eventually(async () => expect(await cache.get("short")).toBeNull());
      expect(await cache.get("long")).toBe("value");
      for (const ttl of [0, -1, 0.5, Number.NaN]) {
        await expect(cache.set("key", "value", ttl)).rejects.toBeInstanceOf(RangeError);
      }
    });

    test("are shared by every process", async () => {
      await using harness = await factory();
      const [one, two] = [await harness.connect(), await harness.connect()];
      await one.set("key", "value", 60);
      expect(await two.get("key")).toBe("value");
    });
  });
}

function describeCounters(factory: () => Promise<CacheHarness>): void {
  describe("counters", () => {
    test("count from one, and lose no step", async () => {
      await using harness = await factory();
      const [one, two] = [await harness.connect(), await harness.connect()];
      const steps = Array.from({ length: 50 }, (_, index) => (index % 2 ? one : two).increment("version"));
      const counts = await Promise.all(steps);
      expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
      expect(await one.increment("other version")).toBe(1);
    });

    test("are read like an entry, and start anew after a delete", async () => {
      await using harness = await factory();
      const cache = await harness.connect();
      expect(await cache.get("version")).toBeNull();
      await cache.increment("version");
      await cache.increment("version");
      expect(await cache.get("version")).toBe("2");
      await cache.delete("version");
      expect(await cache.get("version")).toBeNull();
      expect(await cache.increment("version")).toBe(1);
    });
  });
}

function describeLeases(factory: () => Promise<CacheHarness>): void {
  describe("leases", () => {
    test("an owner appears with the first lease and goes with the last", async () => {
      await using harness = await factory();
      const leases = (await harness.connect()).leases("connections");
      expect(await leases.hold([lease("ana", "1"), lease("ana", "2"), lease("bob", "1")], long)).toEqual([
        "ana",
        "bob",
      ]);
      expect(await leases.hold([lease("ana", "1"), lease("ana", "3")], long)).toEqual([]);
      expect(await leases.release([lease("ana", "1"), lease("bob", "1")])).toEqual(["bob"]);
      expect(await leases.release([lease("ana", "2")])).toEqual([]);
      expect(await leases.release([lease("ana", "3"), lease("ana", "3")])).toEqual(["ana"]);
      expect(await leases.held()).toEqual([]);
      expect(await leases.release([lease("ana", "3"), lease("eve", "1")])).toEqual([]);
      expect(await leases.expire()).toEqual([]);
    });

    test("are over with their time; each end is told once", async () => {
      await using harness = await factory();
      const cache = await harness.connect();
      const leases = cache.leases("connections");
      await leases.hold([lease("ana", "1"), lease("bob", "1")], 60);
      await leases.hold([lease("bob", "2"), lease("eve", "1")], long);
      const gone: string[] = [];
      await eventually(async () => {
        gone.push(...(await leases.expire()));
        expect(gone).toEqual(["ana"]);
      });
      await eventually(async () => expect((await leases.held(["ana", "bob"])).sort()).toEqual(["bob"]));
      expect(await leases.expire()).toEqual([]);
      expect((await leases.held()).sort()).toEqual(["bob", "eve"]);
    });

    test("an owner whose time is over is held no more, also before the sweep", async () => {
      await using harness = await factory();
      const leases = (await harness.connect()).leases("connections");
      await leases.hold([lease("ana", "1"), lease("bob", "1"), lease("bob", "2")], 40);
      await eventually(async () => expect(await leases.held()).toEqual([]));
      expect(await leases.hold([lease("ana", "2")], long)).toEqual(["ana"]);
      expect(await leases.release([lease("bob", "1")])).toEqual(["bob"]);
      expect(await leases.expire()).toEqual([]);
      expect(await leases.held()).toEqual(["ana"]);
    });

    test("are prolonged by holding them again", async () => {
      await using harness = await factory();
      const leases = (await harness.connect()).leases("connections");
      await leases.hold([lease("ana", "1"), lease("bob", "1")], 100);
      await leases.hold([lease("ana", "1")], long);
      await eventually(async () => expect(await leases.held()).toEqual(["ana"]));
      expect(await leases.expire()).toEqual(["bob"]);
      expect(await leases.held()).toEqual(["ana"]);
    });

    test("answer for the owners asked about, without repetition", async () => {
      await using harness = await factory();
      const leases = (await harness.connect()).leases("connections");
      await leases.hold([lease("ana", "1"), lease("ana", "2"), lease("bob", "1")], long);
      expect(await leases.held(["bob", "eve", "bob"])).toEqual(["bob"]);
      expect(await leases.held([])).toEqual([]);
      expect((await leases.held()).sort()).toEqual(["ana", "bob"]);
    });

    test("of one name are shared by every process, and apart from those of another", async () => {
      await using harness = await factory();
      const [one, two] = [await harness.connect(), await harness.connect()];
      expect(await one.leases("connections").hold([lease("ana", "1")], long)).toEqual(["ana"]);
      expect(await two.leases("connections").hold([lease("ana", "2")], long)).toEqual([]);
      expect(await two.leases("others").held()).toEqual([]);
      expect(await one.leases("connections").release([lease("ana", "2")])).toEqual([]);
      expect(await two.leases("connections").release([lease("ana", "1")])).toEqual(["ana"]);
    });
  });
}
