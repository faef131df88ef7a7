import { type Cache, CacheUnavailableError } from "@gochat/cache/cache";
import type { Person } from "@gochat/contracts/http/users";
import type { Logger } from "@gochat/runtime/logger";
import type { DirectoryQuery } from "./directory-query.ts";

export interface Page {
  readonly users: Person[];
  readonly nextCursor: string | null;
}

/** Pages of the directory, kept by query under a version that every visible change raises, in all processes at once. */
export interface DirectoryCache {
  /** The page as cached, or as loaded now. Without a cache presence cannot be read, and each page is loaded. */
  page(query: DirectoryQuery, load: (isPresenceKnown: boolean) => Promise<Page>): Promise<Page>;
  /** Leases of presence live in the cache: where it does not answer, what is stored of presence is stale. */
  isPresenceKnown(): Promise<boolean>;
  /** Call it after a change is committed. */
  markChanged(): Promise<void>;
}

const versionKey = "users:version";
/** A page whose change could not be marked (the cache was away just then) is stale for no longer than this. */
const pageTtlSeconds = 20;

export function createDirectoryCache(cache: Cache, logger: Logger): DirectoryCache {
  return {
    async page(query, load) {
      let key: string;
      let cached: string | null;
      try {
        // The version first, then the database: a change in between makes the page fresher than its version, never
        // the other way round.
        key = pageKey((await cache.get(versionKey)) ?? "0", query);
        cached = await cache.get(key);
      } catch (error) {
        rethrowUnlessUnavailable(error);
        return load(false);
      }
      if (cached !== null) return JSON.parse(cached) as Page;
      const page = await load(true);
      await cache.set(key, JSON.stringify(page), pageTtlSeconds).catch(rethrowUnlessUnavailable);
      return page;
    },

    async isPresenceKnown() {
      try {
        await cache.get(versionKey);
        return true;
      } catch (error) {
        rethrowUnlessUnavailable(error);
        return false;
      }
    },

    async markChanged() {
      try {
        await cache.increment(versionKey);
      } catch (error) {
        rethrowUnlessUnavailable(error);
        logger.warn({ err: error }, "a change of the directory could not be marked in the cache");
      }
    },
  };
}

function pageKey(version: string, { sort, direction, prefix, limit, after }: DirectoryQuery): string {
  const position = after ? [after.online, after.username, after.id] : [];
  return ["users:page", version, sort, direction, limit, prefix, ...position].join(":");
}

function rethrowUnlessUnavailable(error: unknown): void {
  if (!(error instanceof CacheUnavailableError)) throw error;
}
