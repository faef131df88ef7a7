import type { ErrorCode } from "@gochat/contracts/errors";
import { limits } from "@gochat/contracts/limits";
import type { TokenBuckets } from "./token-buckets.ts";

/** What nobody answered and nobody sent again for this long gives its place back: its client has given it up. */
const forgetAfterMs = 30_000;
/** The same where the client was told to send it again: longer than `retryAfterMs` and a slow round trip. */
const withdrawnAfterMs = 5_000;
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

interface Unanswered {
  readonly place: number;
  readonly conversationId: string;
  readonly sentAt: number;
  /** When it was last sent, or refused for now. */
  movedAt: number;
  /** Attempts under way. None: it was refused for now. */
  attempts: number;
}

/**
 * What one socket has sent and nobody has answered for good: at most 32 messages under way.
 *
 * They stand in the order of their first attempts. A message keeps its place, refused for now and sent again or not,
 * until it is stored or refused for good: each attempt names the one ahead of it in its conversation, which messages
 * must have dealt with first. A place is given up where what stands behind it is sent, and it was not for long.
 *
 * Messages take effect in the order sent, so when one is refused as BUSY or RATE_LIMITED, those that follow it are
 * refused at once too. The client sends all of them again, in order. So a refused one that comes again says that the
 * client knows: what it sends from then on is behind what it still wants. Where that is wrong, since answers were long
 * on their way, the places still hold. A resend of what is under way says nothing about the others.
 */
export class SendWindow {
  readonly #load: NodeLoad;
  readonly #sends = new Map<string, Unanswered>();
  /** Since the first refusal, itself among them. */
  readonly #refusedIds = new Set<string>();
  #refusal: Refusal | undefined;
  #refusedUntil = 0;
  #underWay = 0;
  #lastPlace = 0;

  constructor(load: NodeLoad) {
    this.#load = load;
  }

  /** Takes a place for this message at this time (milliseconds), or says why not. A resend keeps its place. */
  admit(id: string, conversationId: string, userId: string, now: number): Refusal | undefined {
    this.#giveUpAhead(id, conversationId, now);
    const known = this.#sends.get(id);
    if (known) known.movedAt = now;
    if (known && known.attempts > 0) {
      const refusal = this.#judge(true, userId, now);
      if (!refusal) known.attempts += 1;
      return refusal;
    }
    if (this.#refusal && now >= this.#refusedUntil + forgetAfterMs) this.#refusal = undefined;
    if (this.#refusal && !this.#refusedIds.has(id)) {
      if (this.#refusedIds.size < maxRefusedIds) {
        this.#refusedIds.add(id);
        this.#place(id, conversationId, now);
      }
      return { ...this.#refusal, retryAfterMs: Math.max(1, Math.ceil(this.#refusedUntil - now)) };
    }
    const refusal = this.#judge(false, userId, now);
    this.#refusal = refusal;
    this.#refusedIds.clear();
    const send = this.#place(id, conversationId, now);
    if (refusal) {
      this.#refusedIds.add(id);
      this.#refusedUntil = now + refusal.retryAfterMs;
    } else {
      send.attempts = 1;
      this.#moveLoad(1);
    }
    return refusal;
  }

  /** The place of this message, and that of the unanswered one ahead of it in its conversation. */
  placeOf(id: string, conversationId: string): { place?: number; after?: number } {
    let after: number | undefined;
    for (const [other, send] of this.#sends) {
      const { place } = send;
      if (other === id) return after === undefined ? { place } : { place, after };
      if (send.conversationId === conversationId) after = place;
    }
    return {};
  }

  /** The message is stored, or refused for good. Answers when it was sent, if it had a place. */
  settle(id: string): number | undefined {
    const send = this.#sends.get(id);
    if (!send) return undefined;
    this.#sends.delete(id);
    if (send.attempts > 0) this.#moveLoad(-1);
    return send.sentAt;
  }

  /** One attempt was refused for now; the message keeps its place. */
  postpone(id: string, now: number): void {
    const send = this.#sends.get(id);
    if (!send || send.attempts === 0) return;
    send.movedAt = now;
    send.attempts -= 1;
    if (send.attempts === 0) this.#moveLoad(-1);
  }

  /** What stands ahead of something young in its conversation stays: it may come again. */
  forgetOld(now: number): void {
    const staying = new Set<string>();
    for (const [id, { conversationId, movedAt }] of [...this.#sends].reverse()) {
      if (now - movedAt < forgetAfterMs) staying.add(conversationId);
      else if (!staying.has(conversationId)) this.settle(id);
    }
  }

  /** The socket is gone. */
  close(): void {
    for (const id of this.#sends.keys()) this.settle(id);
  }

  #place(id: string, conversationId: string, now: number): Unanswered {
    const known = this.#sends.get(id);
    if (known) return known;
    const send: Unanswered = {
      place: ++this.#lastPlace,
      conversationId,
      sentAt: now,
      movedAt: now,
      attempts: 0,
    };
    this.#sends.set(id, send);
    return send;
  }

  #giveUpAhead(id: string, conversationId: string, now: number): void {
    for (const [other, send] of this.#sends) {
      if (other === id) return;
      if (send.conversationId !== conversationId) continue;
      if (now - send.movedAt >= (send.attempts > 0 ? forgetAfterMs : withdrawnAfterMs)) this.settle(other);
    }
  }

  #moveLoad(by: number): void {
    this.#underWay += by;
    this.#load.unacknowledged += by;
  }

  #judge(isResend: boolean, userId: string, now: number): Refusal | undefined {
    const { unacknowledged, isFull, buckets } = this.#load;
    if (!isResend && this.#underWay >= limits.maxUnacknowledged) {
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
