/** What a device has to say and nobody has answered. */
export interface Letter {
  readonly id: string;
  readonly conversation: string;
  /** The frame without its type and id. */
  readonly content: Readonly<Record<string, string>>;
  readonly hash: string;
  /** It must be refused; a stored message is no answer to it. */
  readonly isBad: boolean;
}

interface Waiting {
  readonly letter: Letter;
  sentAt: number | undefined;
  attempts: number;
}

const resendAfterMs = 10_000;
const windowSize = 32;

/** One retry rule: what is unanswered is sent again in order, after a reconnect or 10 s. */
export class Outbox {
  readonly #waiting = new Map<string, Waiting>();
  #heldUntil = 0;

  get size(): number {
    return this.#waiting.size;
  }

  add(letter: Letter): void {
    this.#waiting.set(letter.id, { letter, sentAt: undefined, attempts: 0 });
  }

  get(id: string): Letter | undefined {
    return this.#waiting.get(id)?.letter;
  }

  settle(id: string): Letter | undefined {
    const letter = this.get(id);
    this.#waiting.delete(id);
    return letter;
  }

  /** This attempt was refused: it and what stands behind it go out again, in order, but not before that time. */
  hold(id: string, until: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, until);
    let isBehind = false;
    for (const [waitingId, waiting] of this.#waiting) {
      isBehind ||= waitingId === id;
      if (!isBehind) continue;
      waiting.sentAt = undefined;
      waiting.attempts = 0;
    }
  }

  reconnected(): void {
    this.#heldUntil = 0;
    for (const waiting of this.#waiting.values()) {
      waiting.sentAt = undefined;
      waiting.attempts = 0;
    }
  }

  /** What to send now, in order, and whether so much went unanswered that the connection must be dead. */
  due(now: number): { letters: Letter[]; isStale: boolean } {
    if (now < this.#heldUntil) return { letters: [], isStale: false };
    const all = [...this.#waiting.values()];
    const isLate = all.some(({ sentAt }) => sentAt !== undefined && now - sentAt >= resendAfterMs);
    if (isLate) for (const waiting of all) waiting.sentAt = undefined;
    if (all.some(({ attempts, sentAt }) => attempts >= 2 && sentAt === undefined)) {
      return { letters: [], isStale: true };
    }
    let inFlight = all.filter(({ sentAt }) => sentAt !== undefined).length;
    const letters: Letter[] = [];
    for (const waiting of all) {
      if (waiting.sentAt !== undefined) continue;
      if (inFlight >= windowSize) break;
      inFlight += 1;
      waiting.sentAt = now;
      waiting.attempts += 1;
      letters.push(waiting.letter);
    }
    return { letters, isStale: false };
  }
}
