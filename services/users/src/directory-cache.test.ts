import { CacheUnavailableError } from "@gochat/cache/cache";
import { createMemoryCache } from "@gochat/cache/memory";
import { createLogger } from "@gochat/runtime/logger";
import { describe, expect, test } from "vitest";
import { createDirectoryCache, type Page } from "./directory-cache.ts";
import { readDirectoryQuery } from "./directory-query.ts";

const logger = createLogger("silent");
const query = readDirectoryQuery({});

function pageOf(username: string): Page {
  const id = "0b0e7a5c-7d0e-4f44-9e39-0d6a3c7f3f11";
  return { users: [{ id, username, status: "online", lastSeenAt: null }], nextCursor: null };
}

describe("the cached directory", () => {
  test("is loaded once, until a change is marked", async () => {
    const directory = createDirectoryCache(createMemoryCache(), logger);
    expect(await directory.page(query, async () => pageOf("ana"))).toEqual(pageOf("ana"));
    expect(await directory.page(query, async () => pageOf("bob"))).toEqual(pageOf("ana"));
    await directory.markChanged();
    expect(await directory.page(query, async () => pageOf("bob"))).toEqual(pageOf("bob"));
  });

  test("keeps different queries apart", async () => {
    const directory = createDirectoryCache(createMemoryCache(), logger);
    await directory.page(query, async () => pageOf("ana"));
    for (const other of [{ q: "b" }, { limit: 21 }, { direction: "asc" }, { sort: "username" }] as const) {
      expect(await directory.page(readDirectoryQuery(other), async () => pageOf("bob"))).toEqual(
        pageOf("bob"),
      );
    }
  });

  test("never keeps what was read before a change under the version after it", async () => {
    const directory = createDirectoryCache(createMemoryCache(), logger);
    await directory.page(query, async () => {
      await directory.markChanged();
      return pageOf("stale");
    });
    expect(await directory.page(query, async () => pageOf("fresh"))).toEqual(pageOf("fresh"));
  });

  test("does without the cache: loaded each time, presence unknown, changes still take effect", async () => {
    const cache = createMemoryCache();
    await cache[Symbol.asyncDispose]();
    await expect(cache.get("any")).rejects.toThrow(CacheUnavailableError);
    const directory = createDirectoryCache(cache, logger);
    const presences: boolean[] = [];
    for (let time = 0; time < 2; time++) {
      await directory.page(query, async (isPresenceKnown) => {
        presences.push(isPresenceKnown);
        return pageOf("ana");
      });
    }
    expect(presences).toEqual([false, false]);
    expect(await directory.isPresenceKnown()).toBe(false);
    await expect(directory.markChanged()).resolves.toBeUndefined();
  });
});
