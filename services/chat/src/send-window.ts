import { limits } from "@gochat/contracts/limits";
import { type NodeLoad, type Refusal, refusalFor } from "./node-load.ts";

/** What nobody answered and nobody sent again for this long gives its place back: its client has given it up. */
const forgetAfterMs = 30_000;
/** The same where the client was told to send it again: longer than `retryAfterMs` and a slow round trip. */
const withdrawnAfterMs = 5_000;
/** Longer than a client waits before it sends again. What it has not by then was lost, or its answer was. */
const silentAfterMs = 12_000;
/** Of one socket; of more than that the order may be lost. */
const maxRefused = 256;
const mostPlaces = maxRefused + limits.maxUnacknowledged;
/**
 * Whoever keeps to 32 under way, and sends again what was refused, can't have so many new ones refused before it does:
 * it keeps no order, and for a while nothing of its waits for what was refused and would never come again.
 */
const maxNewlyRefused = 2 * limits.maxUnacknowledged;
const disorderMs = 30_000;

interface Unanswered {
  readonly place: number;
  readonly conversationId: string;
  readonly sentAt: number;
  /** Answered lately, and sent again before the answer was read: nothing waits for it. */
  readonly isRepeat: boolean;
  /** When it was last sent, or refused for now. */
  movedAt: number;
  /** It was taken, and its answer is still to come. Neither this nor refused: something was lost, and it may come again. */
  isUnderWay: boolean;
  /** It was refused for now, and not sent again since. */
  refused: { readonly refusal: number; readonly retryAt: number } | undefined;
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
 *
 * A client may also drop what was refused. It has, where it sends something else though it had heard of the refusal and
 * could have sent the refused one: refusals are numbered, and `heard` says which ones the client knew when it sent what
 * comes next. What was answered lately and comes again is nothing new: its answer is still on its way.
 */
export class SendWindow {
  readonly #load: NodeLoad;
  readonly #sends = new Map<string, Unanswered>();
  /** Since the first refusal, itself among them. */
  readonly #refusedIds = new Set<string>();
  /** A client that keeps to its 32 cannot have missed the answers of others. */
  readonly #lastSettled = new Set<string>();
  #refusal: Refusal | undefined;
  #refusedUntil = 0;
  /** The number of the last one that the client must have heard of before it can mean to do without those. */
  #lastNoted = 0;
  /** How often something behind the first of them was new. */
  #newlyRefused = 0;
  #disorderUntil = 0;
  #lastRefusal = 0;
  #lastHeard = 0;
  #underWay = 0;
  #lastPlace = 0;

  constructor(load: NodeLoad) {
    this.#load = load;
  }

  /** Takes a place for this message at this time (milliseconds), or says why not. A resend keeps its place. */
  admit(id: string, conversationId: string, userId: string, now: number): Refusal | undefined {
    const known = this.#sends.get(id);
    if (known) known.movedAt = now;
    if (known?.isUnderWay) return refusalFor(this.#load, { userId }, now);
    if (this.#refusal && !this.#refusedIds.has(id) && !this.#dropsRefused(id, now)) {
      if (this.#isNoted(id, now)) this.#refuse(id, conversationId, now);
      return this.#refusalAgain(this.#refusal, now);
    }
    const refusal = refusalFor(this.#load, { userId, underWay: this.#underWay }, now);
    this.#refusal = refusal;
    // Even of nothing, clearing makes a new table.
    if (this.#refusedIds.size > 0) this.#refusedIds.clear();
    this.#newlyRefused = 0;
    if (refusal) {
      this.#refusedUntil = now + refusal.retryAfterMs;
      this.#refuse(id, conversationId, now);
    } else {
      this.#take(this.#place(id, conversationId, now));
      this.#trim();
    }
    return refusal;
  }

  /**
   * Why nothing is taken of a client that keeps no order, until it could send again what was refused: whatever it sends, and
   * nothing is remembered of it. Undefined where `admit` is to decide.
   */
  refusalOfDisorder(now: number): Refusal | undefined {
    if (!this.#refusal || now >= this.#disorderUntil || now >= this.#refusedUntil) return undefined;
    // Longer than it was ever told: the clock was set back, and only admit judges anew.
    if (this.#refusedUntil - now > this.#refusal.retryAfterMs) return undefined;
    return this.#refusalAgain(this.#refusal, now);
  }

  /** The place of this message, and that of the unanswered one ahead of it in its conversation. */
  placeOf(id: string, conversationId: string, now: number): { place?: number; after?: number } {
    if (this.#sends.get(id)?.isRepeat) return {};
    let after: number | undefined;
    for (const [other, send] of this.#sends) {
      const { place } = send;
      if (other === id) return after === undefined ? { place } : { place, after };
      if (send.conversationId !== conversationId || send.isRepeat) continue;
      if (this.#isGivenUp(send, now)) this.#drop(other);
      else after = place;
    }
    return {};
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
    const send = this.#drop(id);
    if (!send) return undefined;
    // To the end, where it was among them.
    this.#lastSettled.delete(id);
    this.#lastSettled.add(id);
    if (this.#lastSettled.size > limits.maxUnacknowledged) {
      const [oldest] = this.#lastSettled;
      this.#lastSettled.delete(oldest!);
    }
    return send.sentAt;
  }

  /**
   * An attempt was refused for now; the message keeps its place. Whatever became of other attempts, the client sends it
   * again: of those that were lost nobody would ever hear, and they must not count for ever.
   */
  postpone(id: string, now: number, retryAfterMs: number): void {
    this.#lastRefusal += 1;
    const send = this.#sends.get(id);
    if (!send) return;
    this.#expectNoAnswer(send);
    send.movedAt = now;
    send.refused = { refusal: this.#lastRefusal, retryAt: now + retryAfterMs };
    this.#trim();
  }

  /**
   * Answers may be lost on their way here: what is under way counts no longer, and keeps its place. Some of it may still
   * be answered, so for once there may be twice as much.
   */
  expectNoAnswers(): void {
    for (const send of this.#sends.values()) this.#expectNoAnswer(send);
  }

  /** What stands ahead of something young in its conversation stays: it may come again. */
  forgetOld(now: number): void {
    for (const send of this.#sends.values()) {
      if (now - send.movedAt >= silentAfterMs) this.#expectNoAnswer(send);
    }
    const staying = new Set<string>();
    for (const [id, { conversationId, movedAt }] of [...this.#sends].reverse()) {
      if (now - movedAt < forgetAfterMs) staying.add(conversationId);
      else if (!staying.has(conversationId)) this.#drop(id);
    }
  }

  /** The socket is gone. */
  close(): void {
    for (const id of this.#sends.keys()) this.#drop(id);
  }

  #trim(): void {
    if (this.#sends.size <= mostPlaces) return;
    for (const [id, { isUnderWay }] of this.#sends) {
      if (isUnderWay) continue;
      this.#drop(id);
      return;
    }
  }

  #drop(id: string): Unanswered | undefined {
    const send = this.#sends.get(id);
    this.#sends.delete(id);
    if (send) this.#expectNoAnswer(send);
    return send;
  }

  #take(send: Unanswered): void {
    send.isUnderWay = true;
    send.refused = undefined;
    this.#moveLoad(1);
  }

  #expectNoAnswer(send: Unanswered): void {
    if (!send.isUnderWay) return;
    send.isUnderWay = false;
    this.#moveLoad(-1);
  }

  #place(id: string, conversationId: string, now: number): Unanswered {
    const known = this.#sends.get(id);
    if (known) return known;
    const send: Unanswered = {
      place: ++this.#lastPlace,
      conversationId,
      sentAt: now,
      isRepeat: this.#lastSettled.has(id),
      movedAt: now,
      isUnderWay: false,
      refused: undefined,
    };
    this.#sends.set(id, send);
    return send;
  }

  #refuse(id: string, conversationId: string, now: number): void {
    this.#refusedIds.add(id);
    this.#lastRefusal += 1;
    this.#lastNoted = this.#lastRefusal;
    if (!this.#sends.has(id) && this.#sends.size >= mostPlaces) return;
    const refused = { refusal: this.#lastRefusal, retryAt: Math.max(this.#refusedUntil, now) };
    this.#place(id, conversationId, now).refused = refused;
  }

  /** To what follows a refused message. */
  #refusalAgain({ code, detail }: Refusal, now: number): Refusal {
    return { code, detail, retryAfterMs: Math.max(1, Math.ceil(this.#refusedUntil - now)) };
  }

  /** Whoever knows of all refusals and sends something new all the same does not ask for its order. */
  #isNoted(id: string, now: number): boolean {
    if (this.#refusedIds.size >= maxRefused) return false;
    if (this.#sends.has(id) || this.#lastSettled.has(id)) return true;
    if (now < this.#disorderUntil) return false;
    this.#newlyRefused += 1;
    if (this.#newlyRefused > maxNewlyRefused) this.#disorderUntil = now + disorderMs;
    return this.#lastHeard < this.#lastNoted;
  }

  /** Whether the client does without what was refused: it sends something new, or waited for nothing for long. */
  #dropsRefused(id: string, now: number): boolean {
    const isNew = !this.#sends.has(id) && !this.#lastSettled.has(id);
    const isAware = this.#lastHeard >= this.#lastNoted || now < this.#disorderUntil;
    const isDropped = isNew && isAware && now >= this.#refusedUntil;
    if (isDropped) {
      for (const refused of this.#refusedIds)
        if (this.#sends.get(refused)?.isUnderWay === false) this.#drop(refused);
    }
    return isDropped || now >= this.#refusedUntil + forgetAfterMs;
  }

  /** Where something behind it is sent now, and it was not. */
  #isGivenUp({ movedAt, refused }: Unanswered, now: number): boolean {
    if (!refused) return now - movedAt >= forgetAfterMs;
    const isAware = this.#lastHeard >= refused.refusal && now >= refused.retryAt;
    return isAware || now < this.#disorderUntil || now - movedAt >= withdrawnAfterMs;
  }

  #moveLoad(by: number): void {
    this.#underWay += by;
    this.#load.unacknowledged += by;
  }
}
