/**
 * What every cache promises; cache.conformance.ts is the proof, run against each implementation.
 *
 * Nothing in it is the only copy of anything: it may be emptied at any time, and a caller must do without it when
 * a call rejects with `CacheUnavailableError` (at most 500 ms after the call). It is bounded: the least recently
 * used entries go first; leases are never evicted.
 */
export interface Cache extends AsyncDisposable {
  get(key: string): Promise<string | null>;
  /** `ttlSeconds` is at least 1. */
  set(key: string, value: string, ttlSeconds: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** Adds one to a counter (from 0) and returns it; counters live at least a day. For version keys. */
  increment(key: string): Promise<number>;
  /** A named set of leases, shared by every process. */
  leases(name: string): Leases;
  /** Resolves if the cache answers; rejects within 2 s otherwise. For `/readyz`. */
  ping(): Promise<void>;
}

/**
 * Leases: each belongs to an owner, and lasts until it is released or its time is over by the clock of the cache
 * itself, so that the clocks of the processes do not matter. An owner with at least one lease is *held*.
 */
export interface Leases {
  /** Takes or prolongs leases. Returns the owners that were not held before, without repetition. */
  hold(leases: readonly Lease[], ttlMs: number): Promise<string[]>;
  /** Gives leases back. Returns the owners that are not held any more. */
  release(leases: readonly Lease[]): Promise<string[]>;
  /** Removes what is over. Returns the owners that are not held any more because of it; each is returned once. */
  expire(): Promise<string[]>;
  /** Which of these owners are held; without an argument all that are. */
  held(owners?: readonly string[]): Promise<string[]>;
}

export interface Lease {
  readonly owner: string;
  /** Unique within the owner, such as the id of a connection. */
  readonly id: string;
}

export class CacheUnavailableError extends Error {
  constructor(cause?: unknown) {
    super("The cache does not answer.", { cause });
    this.name = "CacheUnavailableError";
  }
}
