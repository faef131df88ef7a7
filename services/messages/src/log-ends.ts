import { LRUCache } from "lru-cache";

/** Where the log of a conversation ends. */
export interface LogEnd {
  readonly seq: number;
  /** The hash chain up to there, 32 bytes. */
  readonly digest: Buffer;
  /** Who sent the newest message; null where nobody is known. */
  readonly senderId: string | null;
}

/** About 300 bytes each. */
const maxConversations = 10_000;

/**
 * Where logs ended when this process last heard of them. Nobody may rely on it: another process may have stored since,
 * so whatever follows from an end is stored only where that still is the end (migrations/006-append-batch.sql).
 */
export class LogEnds {
  readonly #ends = new LRUCache<string, LogEnd>({ max: maxConversations });

  get(conversationId: string): LogEnd | undefined {
    return this.#ends.get(conversationId);
  }

  set(conversationId: string, end: LogEnd): void {
    // A small buffer of Node.js is mostly a piece of one of 64 KiB, which it would keep alive.
    const digest = Buffer.allocUnsafeSlow(end.digest.length);
    end.digest.copy(digest);
    this.#ends.set(conversationId, { ...end, digest });
  }

  forget(conversationIds: Iterable<string>): void {
    for (const conversationId of conversationIds) this.#ends.delete(conversationId);
  }
}
