/** Those who come within so long, in milliseconds, are served by one call. */
const gatherMs = 100;

export interface GatheringTimer {
  /** The work is done once all of the delay has passed from now, and at most a tenth of a second later. */
  soon(): void;
  stop(): void;
}

/**
 * Work that is due a delay after each of many things that happen, and that does all there is to do at once. A timer for
 * each of them would go through everybody once for everybody when thousands leave together.
 */
export function createGatheringTimer(delayMs: number, work: () => void): GatheringTimer {
  const timers = new Set<NodeJS.Timeout>();
  let gathersUntil = Number.NEGATIVE_INFINITY;

  function fire(this: NodeJS.Timeout): void {
    timers.delete(this);
    work();
  }

  return {
    soon() {
      const now = performance.now();
      if (now < gathersUntil) return;
      gathersUntil = now + gatherMs;
      // Whoever is the last to be gathered is due one millisecond before.
      timers.add(setTimeout(fire, delayMs + gatherMs + 1).unref());
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
