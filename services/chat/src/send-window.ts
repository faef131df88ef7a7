import type { ErrorCode } from "@gochat/contracts/errors";
import { limits } from "@gochat/contracts/limits";
import type { TokenBuckets } from "./token-buckets.ts";

/** A send that nobody answered for this long gives its place back; the client has sent it again by then. */
const forgetAfterMs = 30_000;
export const maxUnacknowledgedPerNode = 2_000;
/** Of one socket; one of them that comes again is enough. */
const maxRefusedIds = 256;
const busyForMs = 500;
/** Longer than most round trips, so that what a client had already sent behind a refused message is refused too. */
const limitedForMs = 1_000;

/** What all windows of a node have in common. */
export interface NodeLoad {
  unacknowledged: number;
  /** Whether no more may be queued for the broker. */
  isFull(): boolean;
  /** Undefined where rates are not limited. */
  readonly buckets: TokenBuckets | undefined;
}

export interface Refusal {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryAfterMs: number;
}

/**
 * What one socket has sent and nobody has answered: at most 32 messages.
 *
 * Messages take effect in the order sent, so when one is refused as BUSY or RATE_LIMITED, those that follow it are
 * refused too: else they would overtake it. The client sends all of them again, in order. So a refused one that comes
 * again says that the client knows: what it sends from then on is behind what it still wants. No time says that, since
 * what was sent before may be long on its way; only a client that sends nothing again is let go after a while. A resend
 * of what was admitted already has its turn behind it: whatever it is told says nothing about the others.
 */
export class SendWindow {
  readonly #load: NodeLoad;
  readonly #sentAt = new Map<string, number>();
  /** Since the first refusal, itself among them. */
  readonly #refusedIds = new Set<string>();
  #refusal: Refusal | undefined;
  #refusedUntil = 0;

  constructor(load: NodeLoad) {
    this.#load = load;
  }

  /** Takes a place for this message at this time (milliseconds), or says why not. A resend keeps its place. */
  admit(id: string, userId: string, now: number): Refusal | undefined {
    if (this.#sentAt.has(id)) return this.#judge(true, userId, now);
    if (this.#refusal && now >= this.#refusedUntil + forgetAfterMs) this.#refusal = undefined;
    if (this.#refusal && !this.#refusedIds.has(id)) {
      if (this.#refusedIds.size < maxRefusedIds) this.#refusedIds.add(id);
      return { ...this.#refusal, retryAfterMs: Math.max(1, Math.ceil(this.#refusedUntil - now)) };
    }
    const refusal = this.#judge(false, userId, now);
    this.#refusal = refusal;
    this.#refusedIds.clear();
    if (refusal) {
      this.#refusedIds.add(id);
      this.#refusedUntil = now + refusal.retryAfterMs;
    } else {
      this.#sentAt.set(id, now);
      this.#load.unacknowledged += 1;
    }
    return refusal;
  }

  /** The message was answered, whatever the answer. Answers when it was sent, if it had a place. */
  settle(id: string): number | undefined {
    const sentAt = this.#sentAt.get(id);
    if (this.#sentAt.delete(id)) this.#load.unacknowledged -= 1;
    return sentAt;
  }

  forgetOld(now: number): void {
    for (const [id, sentAt] of this.#sentAt) {
      // In the order of time: the first young one ends the search.
      if (now - sentAt < forgetAfterMs) return;
      this.settle(id);
    }
  }

  /** The socket is gone. */
  close(): void {
    this.#load.unacknowledged -= this.#sentAt.size;
    this.#sentAt.clear();
  }

  #judge(isResend: boolean, userId: string, now: number): Refusal | undefined {
    const { unacknowledged, isFull, buckets } = this.#load;
    if (!isResend && this.#sentAt.size >= limits.maxUnacknowledged) {
      return busy("Too many messages of this socket wait for their answers.");
    }
    if ((!isResend && unacknowledged >= maxUnacknowledgedPerNode) || isFull())
      return busy("Too busy right now.");
    const waitMs = buckets?.take(userId, now) ?? 0;
    if (waitMs === 0) return undefined;
    return {
      code: "RATE_LIMITED",
      detail: `At most ${limits.messagesPerSecond} messages a second.`,
      retryAfterMs: Math.max(limitedForMs, waitMs),
    };
  }
}

function busy(detail: string): Refusal {
  return { code: "BUSY", detail, retryAfterMs: busyForMs };
}
