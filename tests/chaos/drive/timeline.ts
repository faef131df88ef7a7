/**
 * What a device has applied of one conversation, by the rule of every client: the next position is applied, a lower
 * one dropped, a higher one kept until what lies between was fetched.
 */
export class Timeline {
  #applied = 0;
  #head = 0;
  readonly #ahead = new Set<number>();

  get applied(): number {
    return this.#applied;
  }

  /** Whether something is known to be missing. */
  get hasGap(): boolean {
    return this.#head > this.#applied;
  }

  heard(headSeq: number): void {
    this.#head = Math.max(this.#head, headSeq);
  }

  take(seq: number): void {
    this.heard(seq);
    if (seq <= this.#applied) return;
    this.#ahead.add(seq);
    while (this.#ahead.delete(this.#applied + 1)) this.#applied += 1;
  }
}
