const maxConversations = 10_000;

/**
 * Conversations with messages whose announcement was not confirmed, for the sweeper's next round. It is only a short
 * cut: what it forgets, or what a killed process knew, the sweeper finds in the database by the watermarks.
 */
export class Backlog {
  readonly #conversationIds = new Set<string>();

  add(conversationIds: Iterable<string>): void {
    for (const id of conversationIds) {
      if (this.#conversationIds.size >= maxConversations) return;
      this.#conversationIds.add(id);
    }
  }

  /** Takes at most `limit` of them out. */
  take(limit: number): string[] {
    const taken = [...this.#conversationIds].slice(0, limit);
    for (const id of taken) this.#conversationIds.delete(id);
    return taken;
  }
}
