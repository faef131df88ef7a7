import type { PresenceTimes } from "./presence.ts";

interface Departure {
  readonly lastSeenAt: number;
  /** When it is settled and may be announced, unless the person is held again by then. */
  readonly dueAt: number;
}

/** Who seems to have left, since when, and when that may be said. Times are milliseconds since 1970. */
export class Departures {
  readonly #times: PresenceTimes;
  readonly #departures = new Map<string, Departure>();
  #troubleUntil = 0;

  constructor(times: PresenceTimes) {
    this.#times = times;
  }

  /** The last connection was closed here. */
  left(userIds: readonly string[], now: number): void {
    for (const userId of userIds) {
      this.#departures.set(userId, { lastSeenAt: now, dueAt: now + this.#times.debounce });
    }
  }

  /** The last session ended here: no reconnection is to be awaited. */
  signedOut(userIds: readonly string[], now: number): void {
    for (const userId of userIds) this.#departures.set(userId, { lastSeenAt: now, dueAt: now });
  }

  /** The last lease was not re-asserted in time. After trouble with the cache that may be its fault. */
  expired(userIds: readonly string[], now: number): void {
    const dueAt = now < this.#troubleUntil ? now + this.#times.grace : now;
    for (const userId of userIds) {
      this.#departures.set(userId, { lastSeenAt: now - this.#times.expiry, dueAt });
    }
  }

  /** Announced as online, but not held, and nobody saw why. `lastSeenAt` where it is known better than now. */
  missed(userIds: readonly string[], now: number, lastSeenAt: number = now): void {
    for (const userId of userIds) {
      if (this.#departures.has(userId)) continue;
      this.#departures.set(userId, { lastSeenAt, dueAt: now + this.#times.grace });
    }
  }

  /** The cache did not answer: nobody is announced as offline until every node could re-assert its leases. */
  cacheFailed(now: number): void {
    this.#troubleUntil = now + this.#times.grace;
    for (const [userId, { lastSeenAt, dueAt }] of this.#departures) {
      this.#departures.set(userId, { lastSeenAt, dueAt: Math.max(dueAt, this.#troubleUntil) });
    }
  }

  lastSeenAt(userId: string): number | undefined {
    return this.#departures.get(userId)?.lastSeenAt;
  }

  /** These people were compared at this time. What was noticed since then stays. */
  settled(userIds: Iterable<string>, at: number): void {
    for (const userId of userIds) {
      const departure = this.#departures.get(userId);
      if (departure && departure.dueAt < at) this.#departures.delete(userId);
    }
  }

  due(now: number): string[] {
    return [...this.#departures].filter(([, { dueAt }]) => dueAt <= now).map(([userId]) => userId);
  }
}
