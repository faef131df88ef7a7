import { presence } from "@gochat/contracts/limits";

/** What was last said of a person. */
export interface AnnouncedPresence {
  readonly userId: string;
  readonly online: boolean;
  /** Online since then, or last seen then; milliseconds since 1970. */
  readonly changedAt: number;
}

/** All in milliseconds. */
export interface PresenceTimes {
  /** How often a node re-asserts its leases, and compares what is held with what was announced. */
  readonly heartbeat: number;
  /** A lease that is not re-asserted for this long is over. */
  readonly expiry: number;
  /** Whoever comes back within this time never left. */
  readonly debounce: number;
  /** How often a node looks for leases that are over. */
  readonly sweep: number;
  /**
   * Whoever is found without a lease, and nobody saw leave, is given this time to show up: longer than a heartbeat,
   * so that an emptied cache or a new start shows nobody as offline who is there.
   */
  readonly grace: number;
}

export function presenceTimes(given: Partial<PresenceTimes> = {}): PresenceTimes {
  const { heartbeat, expiry, debounce } = { ...presence, ...given };
  return { heartbeat, expiry, debounce, sweep: 3_000, grace: 1.5 * heartbeat, ...given };
}

/** What there is to announce, given what was announced and who is held now. */
export function presenceChanges(
  announced: readonly AnnouncedPresence[],
  held: ReadonlySet<string>,
  lastSeenAt: (userId: string) => number | undefined,
  now: number,
): AnnouncedPresence[] {
  return announced
    .filter(({ userId, online }) => online !== held.has(userId))
    .map(({ userId, online, changedAt }) => {
      if (!online) return { userId, online: true, changedAt: now };
      // Nobody was last seen before they came.
      const seenAt = Math.max(changedAt, lastSeenAt(userId) ?? now);
      return { userId, online: false, changedAt: Math.min(seenAt, now) };
    });
}
