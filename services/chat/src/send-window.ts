import type { ErrorCode } from "@gochat/contracts/errors";
import { limits } from "@gochat/contracts/limits";
import { forgetAfterMs, maxRefused, type Send, SendPlaces } from "./send-places.ts";
import type { TokenBuckets } from "./token-buckets.ts";

export const maxUnacknowledgedPerNode = 2_000;
const busyForMs = 500;
/** Where the node is busy: spread, or all would come back at once, and find it idle and then full. */
const leastBusyMs = 100;
const mostBusyMs = 600;
/** Longer than most round trips, so that what a client had already sent behind a refused message is refused too. */
const limitedForMs = 1_000;

/** What all windows of a node have in common. */
export interface NodeLoad {
  unacknowledged: number;
  /** Whether no more may be queued for the broker. */
  isFull(): boolean;
  /** Undefined where rates are not limited. */
  readonly buckets: TokenBuckets | undefined;
  /** From 0 to below 1. */
  random(): number;
}

export interface Refusal {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryAfterMs: number;
}

/** What was refused since one message was, that one among them. Refusals are numbered. */
interface Refused {
  readonly refusal: Refusal;
  readonly until: number;
  readonly ids: Set<string>;
  readonly first: number;
  /** The place of that first one. */
  readonly place: number;
  /** Of a message that keeps its place. */
  lastNoted: number;
}

/**
 * What one socket has sent and nobody has answered for good: at most 32 messages under way. They stand in their places
 * (`SendPlaces`), and each attempt names the one ahead of it in its conversation, which messages must have dealt with
 * first.
 *
 * Messages take effect in the order sent, so when one is refused as BUSY or RATE_LIMITED, those that follow it are
 * refused at once too. The client sends all of them again, in order. So a refused one that comes again says that the
 * client knows: what it sends from then on is behind what it still wants. Where that is wrong, since answers were long
 * on their way, the places still hold. A resend of what is under way says nothing about the others.
 *
 * A client may also drop what was refused. It has, where it sends something else though it had heard of the refusal and
 * could have sent the refused one: refusals are numbered, and `heard` says which ones the client knew when it sent what
 * comes next. What was answered lately and comes again is nothing new: its answer is still on its way.
 */
export class SendWindow {
  readonly #load: NodeLoad;
  readonly #places: SendPlaces;
  #refused: Refused | undefined;
  #lastRefusal = 0;
  #lastHeard = 0;

  constructor(load: NodeLoad) {
    this.#load = load;
    this.#places = new SendPlaces(load);
  }

  /** Takes a place for this message at this time (milliseconds), or says why not. A resend keeps its place. */
  admit(id: string, conversationId: string, userId: string, now: number): Refusal | undefined {
    const known = this.#places.get(id);
    if (known) known.movedAt = now;
    const isUnderWay = known !== undefined && known.attempts > 0;
    const refused = isUnderWay || this.#isAheadOfRefused(known) ? undefined : this.#refused;
    if (refused && this.#isBehind(refused, id, now)) {
      return this.#refuseToo(refused, id, conversationId, now);
    }
    const refusal = this.#judge(known, userId, now);
    if (!refusal) {
      if (refused) this.#refused = undefined;
      this.#places.sent(known, id, conversationId, now);
    } else if (!isUnderWay) {
      this.#refuse(refusal, id, conversationId, now);
    }
    return refusal;
  }

  /** The place of this message, and that of the unanswered one ahead of it in its conversation. */
  placeOf(id: string, conversationId: string, now: number): { place?: number; after?: number } {
    return this.#places.of(id, conversationId, { now, lastHeard: this.#lastHeard });
  }

  /** The number of the last refusal, and of the last one that the client is known to have heard of. */
  get lastRefusal(): number {
    return this.#lastRefusal;
  }

  get lastHeard(): number {
    return this.#lastHeard;
  }

  /** What comes from now on was sent by a client that had heard of the refusals up to this one. */
  heard(refusal: number): void {
    this.#lastHeard = refusal;
  }

  /** The message is stored, or refused for good. Answers when it was sent, if it had a place. */
  settle(id: string): number | undefined {
    return this.#places.settle(id);
  }

  /** One attempt was refused for now; the message keeps its place. */
  postpone(id: string, now: number, retryAfterMs: number): void {
    this.#lastRefusal += 1;
    const send = this.#places.get(id);
    if (!send || send.attempts === 0) return;
    send.refusal = this.#lastRefusal;
    send.retryAt = now + retryAfterMs;
    this.#places.postpone(send, now);
  }

  /** What stands ahead of something young in its conversation stays: it may come again. */
  forgetOld(now: number): void {
    this.#places.forgetOld(now);
  }

  /** The socket is gone. */
  close(): void {
    this.#places.clear();
  }

  /** It has the place of before: what was refused later is behind it. */
  #isAheadOfRefused(known: Send | undefined): boolean {
    return this.#refused !== undefined && isUnanswered(known) && known.place < this.#refused.place;
  }

  #isBehind(refused: Refused, id: string, now: number): boolean {
    return !refused.ids.has(id) && !this.#dropsRefused(refused, id, now);
  }

  #refuseToo(refused: Refused, id: string, conversationId: string, now: number): Refusal {
    if (this.#isNoted(refused, id)) this.#note(refused, id, conversationId, now);
    const { code, detail } = refused.refusal;
    return { code, detail, retryAfterMs: Math.max(1, Math.ceil(refused.until - now)) };
  }

  #refuse(refusal: Refusal, id: string, conversationId: string, now: number): void {
    const number = this.#lastRefusal + 1;
    const until = now + refusal.retryAfterMs;
    const refused = {
      refusal,
      until,
      ids: new Set<string>(),
      first: number,
      lastNoted: number,
      place: Infinity,
    };
    this.#refused = refused;
    refused.place = this.#note(refused, id, conversationId, now);
  }

  /** Answers its place, where it gets one. */
  #note(refused: Refused, id: string, conversationId: string, now: number): number {
    refused.ids.add(id);
    this.#lastRefusal += 1;
    refused.lastNoted = this.#lastRefusal;
    const known = this.#places.get(id);
    if (!isUnanswered(known) && this.#places.isFull) return Number.POSITIVE_INFINITY;
    const send = this.#places.keep(known, id, conversationId, now);
    send.refusal = this.#lastRefusal;
    send.retryAt = Math.max(refused.until, now);
    return send.place;
  }

  /** Whoever knows of the refusal and sends something new all the same does not ask for its order. */
  #isNoted(refused: Refused, id: string): boolean {
    const known = this.#places.get(id);
    if (refused.ids.size >= maxRefused) return false;
    return known ? isUnanswered(known) : this.#lastHeard < refused.first;
  }

  /** Whether the client does without what was refused: it sends something new, or waited for nothing for long. */
  #dropsRefused(refused: Refused, id: string, now: number): boolean {
    if (now < refused.until) return false;
    const isDropped = this.#lastHeard >= refused.lastNoted && !this.#places.get(id);
    if (isDropped) {
      for (const other of refused.ids) {
        const send = this.#places.get(other);
        if (isUnanswered(send) && send.attempts === 0) this.#places.drop(send);
      }
    }
    return isDropped || now >= refused.until + forgetAfterMs;
  }

  /** One more than 32 is taken where all of them may wait for it: an attempt that was lost stays under way. */
  #isFull(known: Send | undefined, now: number): boolean {
    const { underWay } = this.#places;
    if (underWay < limits.maxUnacknowledged) return false;
    return underWay > limits.maxUnacknowledged || !isUnanswered(known) || !this.#places.isFirst(known, now);
  }

  #judge(known: Send | undefined, userId: string, now: number): Refusal | undefined {
    const { buckets } = this.#load;
    const isResend = known !== undefined && known.attempts > 0;
    if (!isResend && this.#isFull(known, now)) {
      return busy("Too many messages of this socket wait for their answers.", busyForMs);
    }
    if ((!isResend && this.#load.unacknowledged >= maxUnacknowledgedPerNode) || this.#load.isFull()) {
      const retryAfterMs = Math.round(leastBusyMs + this.#load.random() * (mostBusyMs - leastBusyMs));
      return busy("Too busy right now.", retryAfterMs);
    }
    const waitMs = buckets?.take(userId, now) ?? 0;
    if (waitMs === 0) return undefined;
    return {
      code: "RATE_LIMITED",
      detail: `At most ${limits.messagesPerSecond} messages a second.`,
      retryAfterMs: Math.max(limitedForMs, waitMs),
    };
  }
}

function isUnanswered(known: Send | undefined): known is Send {
  return known !== undefined && known.answeredAs < 0;
}

function busy(detail: string, retryAfterMs: number): Refusal {
  return { code: "BUSY", detail, retryAfterMs };
}
