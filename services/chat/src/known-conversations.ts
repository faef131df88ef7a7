import type { TypingStarted } from "@gochat/contracts/events/message-events";

const maxKnown = 50_000;
const maxHeld = 1_000;
/** Later than this nobody cares that somebody typed. */
const holdMs = 3_000;

/**
 * Conversations that exist, as far as this node has heard; the one longest unheard of is forgotten first. Anybody can
 * work out the id of a conversation with anybody, so an id alone proves nothing: only what messages says of it does.
 */
export class KnownConversations {
  /** The longest unheard of first. */
  readonly #ids = new Set<string>();
  readonly #held = new Map<string, { event: TypingStarted; until: number }>();

  has(conversationId: string): boolean {
    if (!this.#ids.delete(conversationId)) return false;
    this.#ids.add(conversationId);
    return true;
  }

  /** Keeps a sign of typing, the newest of its conversation, until that is known to exist, or too old. */
  hold(event: TypingStarted, now: number): void {
    if (this.#held.size >= maxHeld && !this.#held.has(event.conversationId)) return;
    this.#held.set(event.conversationId, { event, until: now + holdMs });
  }

  /** Whoever wrote is no longer typing: a sign that still waits is not of what comes next. */
  drop(conversationId: string, userId: string): void {
    if (this.#held.get(conversationId)?.event.userId === userId) this.#held.delete(conversationId);
  }

  /** The conversation exists. Answers the sign of typing that waited for that. */
  learn(conversationId: string, now: number): TypingStarted | undefined {
    this.#ids.delete(conversationId);
    this.#ids.add(conversationId);
    if (this.#ids.size > maxKnown) this.#ids.delete(this.#ids.values().next().value!);
    const held = this.#held.get(conversationId);
    this.#held.delete(conversationId);
    return held && now < held.until ? held.event : undefined;
  }

  forgetOld(now: number): void {
    for (const [conversationId, { until }] of this.#held) {
      if (now >= until) this.#held.delete(conversationId);
    }
  }
}
