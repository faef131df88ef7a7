const everyMs = 3_000;
const maxRemembered = 20_000;

/** Lets one sign of typing in 3 s pass for each person and conversation. */
export class TypingThrottle {
  readonly #passedAt = new Map<string, number>();

  passes(userId: string, conversationId: string, now: number): boolean {
    const key = userId + conversationId;
    const passedAt = this.#passedAt.get(key);
    if (passedAt !== undefined && now - passedAt < everyMs) return false;
    if (passedAt === undefined && this.#passedAt.size >= maxRemembered) return false;
    // Behind the others, so that the oldest come first.
    this.#passedAt.delete(key);
    this.#passedAt.set(key, now);
    return true;
  }

  forgetOld(now: number): void {
    for (const [key, passedAt] of this.#passedAt) {
      if (now - passedAt < everyMs) return;
      this.#passedAt.delete(key);
    }
  }
}
