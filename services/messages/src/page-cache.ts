import type { Cache } from "@gochat/cache/cache";
import type { Message } from "@gochat/contracts/http/conversations";
import type { Logger } from "@gochat/runtime/logger";

const ttlSeconds = 60 * 60;

/** Pages of history that cannot change any more. Without a cache everything works, from the database. */
export interface PageCache {
  get(conversationId: string, before: number, limit: number): Promise<Message[] | undefined>;
  set(conversationId: string, before: number, limit: number, messages: readonly Message[]): Promise<void>;
}

export function createPageCache(cache: Pick<Cache, "get" | "set">, logger: Logger): PageCache {
  const keyOf = (conversationId: string, before: number, limit: number) =>
    `messages:page:${conversationId}:${before}:${limit}`;
  return {
    async get(conversationId, before, limit) {
      try {
        const text = await cache.get(keyOf(conversationId, before, limit));
        return text === null ? undefined : (JSON.parse(text) as Message[]);
      } catch (error) {
        logger.debug({ err: error }, "history is read without the cache");
        return undefined;
      }
    },
    async set(conversationId, before, limit, messages) {
      try {
        await cache.set(keyOf(conversationId, before, limit), JSON.stringify(messages), ttlSeconds);
      } catch (error) {
        logger.debug({ err: error }, "a page of history was not cached");
      }
    },
  };
}
