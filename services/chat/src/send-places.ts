import { limits } from "@gochat/contracts/limits";

/** What nobody answered and nobody sent again for this long gives its place back: its client has given it up. */
export const forgetAfterMs = 30_000;
/** The same where the client was told to send it again: longer than `retryAfterMs` and a slow round trip. */
const withdrawnAfterMs = 5_000;
/** Of one socket. Of more than that the order may be lost. */
export const maxRefused = 256;
const mostPlaces = maxRefused + limits.maxUnacknowledged;
/** So many are remembered: a client that keeps to its 32 cannot have missed the answers of others. */
const maxAnswered = limits.maxUnacknowledged;

/** A message of this socket that nobody has answered for good, or only lately. */
export interface Send {
  readonly id: string;
  readonly conversationId: string;
  readonly place: number;
  readonly sentAt: number;
  /** Answered lately, and sent again before the answer was read: nothing waits for it. */
  readonly isRepeat: boolean;
  /** When it was last sent, or refused for now. */
  movedAt: number;
  /** Attempts under way. None: it was refused for now, or answered. */
  attempts: number;
  /** The last refusal, by its number, and when it may be sent again. */
  refusal: number;
  retryAt: number;
  /** Where it stands among those answered lately; -1 while nobody has answered it. */
  answeredAs: number;
  ahead: Send | undefined;
  behind: Send | undefined;
}

/**
 * The places of what one socket has sent, 1, 2, 3, …, in the order of their first attempts. A message keeps its place,
 * refused for now and sent again or not, until it is stored or refused for good. It is given up where what stands
 * behind it is sent, and it was not for long.
 *
 * Every message comes by here, so those unanswered are a linked list: the one ahead is mostly the next, whatever the
 * number under way. One map finds them and those answered lately, which are a ring.
 */
export class SendPlaces {
  readonly #load: { unacknowledged: number };
  readonly #byId = new Map<string, Send>();
  readonly #answered: (Send | undefined)[] = [];
  #nextAnswered = 0;
  #first: Send | undefined;
  #last: Send | undefined;
  #unanswered = 0;
  #underWay = 0;
  #lastPlace = 0;

  /** `load`: what all sockets of a node have under way together. */
  constructor(load: { unacknowledged: number }) {
    this.#load = load;
  }

  get underWay(): number {
    return this.#underWay;
  }

  get isFull(): boolean {
    return this.#unanswered >= mostPlaces;
  }

  /** Unanswered, or answered lately. */
  get(id: string): Send | undefined {
    return this.#byId.get(id);
  }

  /** Whether nothing is under way ahead of it that it could wait for. */
  isFirst(send: Send, now: number): boolean {
    for (let other = send.ahead; other; other = other.ahead) {
      const isYoung = now - other.movedAt < forgetAfterMs;
      if (other.attempts > 0 && !other.isRepeat && isYoung) return false;
    }
    return true;
  }

  /** One more attempt is under way. `known` is what `get` says of this id. */
  sent(known: Send | undefined, id: string, conversationId: string, now: number): void {
    const send = this.keep(known, id, conversationId, now);
    send.attempts += 1;
    if (send.attempts === 1) this.#moveLoad(1);
  }

  /** Gives it a place, at the end unless it has one. `known` is what `get` says of this id. */
  keep(known: Send | undefined, id: string, conversationId: string, now: number): Send {
    const isRepeat = known !== undefined && known.answeredAs >= 0;
    if (known && !isRepeat) return known;
    if (isRepeat) this.#answered[known.answeredAs] = undefined;
    const ahead = this.#last;
    const send: Send = {
      id,
      conversationId,
      place: ++this.#lastPlace,
      sentAt: now,
      isRepeat,
      movedAt: now,
      attempts: 0,
      refusal: 0,
      retryAt: 0,
      answeredAs: -1,
      ahead,
      behind: undefined,
    };
    if (ahead) ahead.behind = send;
    else this.#first = send;
    this.#last = send;
    this.#unanswered += 1;
    this.#byId.set(id, send);
    return send;
  }

  /**
   * The place of this message, and that of the unanswered one ahead of it in its conversation. `lastHeard` is the number
   * of the last refusal that its client is known to have heard of.
   */
  of(
    id: string,
    conversationId: string,
    { now, lastHeard }: { now: number; lastHeard: number },
  ): { place?: number; after?: number } {
    const send = this.#byId.get(id);
    if (!send || send.answeredAs >= 0 || send.isRepeat) return {};
    const { place } = send;
    let other = send.ahead;
    while (other) {
      const { ahead } = other;
      if (other.conversationId === conversationId && !other.isRepeat) {
        if (!isGivenUp(other, now, lastHeard)) return { place, after: other.place };
        this.drop(other);
      }
      other = ahead;
    }
    return { place };
  }

  /** It is stored, or refused for good. Answers when it was sent, if it had a place. */
  settle(id: string): number | undefined {
    const send = this.#byId.get(id);
    if (!send || send.answeredAs >= 0) return undefined;
    this.#leave(send);
    const oldest = this.#answered[this.#nextAnswered];
    if (oldest) this.#byId.delete(oldest.id);
    send.answeredAs = this.#nextAnswered;
    this.#answered[this.#nextAnswered] = send;
    this.#nextAnswered = (this.#nextAnswered + 1) % maxAnswered;
    return send.sentAt;
  }

  /** One attempt was refused for now. */
  postpone(send: Send, now: number): void {
    send.movedAt = now;
    send.attempts -= 1;
    if (send.attempts > 0) return;
    this.#moveLoad(-1);
    if (this.#unanswered > mostPlaces) this.#dropOldestRefused();
  }

  drop(send: Send): void {
    this.#leave(send);
    this.#byId.delete(send.id);
  }

  /** What stands ahead of something young in its conversation stays: it may come again. */
  forgetOld(now: number): void {
    if (!this.#first || now - this.#first.sentAt < forgetAfterMs) return;
    const staying = new Set<string>();
    let send = this.#last;
    while (send) {
      const { ahead } = send;
      if (now - send.movedAt < forgetAfterMs) staying.add(send.conversationId);
      else if (!staying.has(send.conversationId)) this.drop(send);
      send = ahead;
    }
  }

  /** The socket is gone. */
  clear(): void {
    this.#moveLoad(-this.#underWay);
    this.#byId.clear();
    this.#answered.length = 0;
    this.#nextAnswered = 0;
    this.#first = undefined;
    this.#last = undefined;
    this.#unanswered = 0;
  }

  #dropOldestRefused(): void {
    let send = this.#first;
    while (send && send.attempts > 0) send = send.behind;
    if (send) this.drop(send);
  }

  /** It leaves the list, with what it has under way. */
  #leave(send: Send): void {
    const { ahead, behind } = send;
    if (ahead) ahead.behind = behind;
    else this.#first = behind;
    if (behind) behind.ahead = ahead;
    else this.#last = ahead;
    send.ahead = undefined;
    send.behind = undefined;
    this.#unanswered -= 1;
    if (send.attempts > 0) this.#moveLoad(-1);
    send.attempts = 0;
  }

  #moveLoad(by: number): void {
    this.#underWay += by;
    this.#load.unacknowledged += by;
  }
}

/** Where something behind it is sent now, and it was not. */
function isGivenUp({ attempts, movedAt, refusal, retryAt }: Send, now: number, lastHeard: number): boolean {
  if (attempts > 0) return now - movedAt >= forgetAfterMs;
  return now - movedAt >= withdrawnAfterMs || (lastHeard >= refusal && now >= retryAt);
}
