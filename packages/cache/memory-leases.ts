import type { Lease, Leases } from "./cache.ts";

/**
 * Leases in one process. A lease whose time is over counts no more, but stays until `expire` or `release` has told
 * that its owner is gone: so each end is told once, by whichever comes first.
 */
export class MemoryLeases implements Leases {
  /** Owner → lease id → when it ends, by the clock. */
  readonly #owners = new Map<string, Map<string, number>>();
  readonly #clock: () => number;
  readonly #assertOpen: () => void;

  constructor(clock: () => number, assertOpen: () => void) {
    this.#clock = clock;
    this.#assertOpen = assertOpen;
  }

  async hold(leases: readonly Lease[], ttlMs: number): Promise<string[]> {
    this.#assertOpen();
    const now = this.#clock();
    const appeared = new Set<string>();
    for (const { owner, id } of leases) {
      if (!this.#isHeld(owner, now)) appeared.add(owner);
      const ends = this.#owners.get(owner) ?? new Map<string, number>();
      this.#owners.set(owner, ends.set(id, now + ttlMs));
    }
    return [...appeared];
  }

  async release(leases: readonly Lease[]): Promise<string[]> {
    this.#assertOpen();
    const now = this.#clock();
    const touched = new Set<string>();
    for (const { owner, id } of leases) if (this.#owners.get(owner)?.delete(id)) touched.add(owner);
    const gone = [...touched].filter((owner) => !this.#isHeld(owner, now));
    for (const owner of gone) this.#owners.delete(owner);
    return gone;
  }

  async expire(): Promise<string[]> {
    this.#assertOpen();
    const now = this.#clock();
    const gone: string[] = [];
    for (const [owner, ends] of this.#owners) {
      for (const [id, end] of ends) if (end <= now) ends.delete(id);
      if (ends.size > 0) continue;
      this.#owners.delete(owner);
      gone.push(owner);
    }
    return gone;
  }

  async held(owners: readonly string[] = [...this.#owners.keys()]): Promise<string[]> {
    this.#assertOpen();
    const now = this.#clock();
    return [...new Set(owners)].filter((owner) => this.#isHeld(owner, now));
  }

  #isHeld(owner: string, now: number): boolean {
    const ends = this.#owners.get(owner)?.values() ?? [];
    return Iterator.from(ends).some((end) => end > now);
  }
}
