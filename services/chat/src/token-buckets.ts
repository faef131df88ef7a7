import { limits } from "@gochat/contracts/limits";

interface Bucket {
  tokens: number;
  /** When `tokens` was right, in milliseconds. */
  at: number;
}

/** A token bucket for each person: so many messages at once, and so many a second for longer. */
export class TokenBuckets {
  readonly #perMs = limits.messagesPerSecond / 1000;
  readonly #byUser = new Map<string, Bucket>();

  /** Takes a token at this time. Answers 0, or the milliseconds until there is one. */
  take(userId: string, now: number): number {
    const bucket = this.#byUser.get(userId);
    if (!bucket) {
      this.#byUser.set(userId, { tokens: limits.burst - 1, at: now });
      return 0;
    }
    bucket.tokens = this.#filled(bucket, now);
    bucket.at = now;
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / this.#perMs);
    bucket.tokens -= 1;
    return 0;
  }

  /** A full bucket need not be remembered. */
  forgetFull(now: number): void {
    for (const [userId, bucket] of this.#byUser) {
      if (this.#filled(bucket, now) >= limits.burst) this.#byUser.delete(userId);
    }
  }

  #filled({ tokens, at }: Bucket, now: number): number {
    return Math.min(limits.burst, tokens + Math.max(0, now - at) * this.#perMs);
  }
}
