import { GoChatError } from "@gochat/contracts/errors";

interface GateOptions {
  /** How many may be inside at once. */
  readonly width: number;
  /** How many may wait outside. */
  readonly maxWaiting: number;
  readonly maxWaitMs: number;
}

/** Lets few in at once. The others wait in order, not too many and not too long: then they are told BUSY. */
export interface Gate {
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  stats(): GateStats;
}

export interface GateStats {
  readonly inside: number;
  readonly waiting: number;
  /** How many were told BUSY since the start. */
  readonly refused: number;
}

export function createGate({ width, maxWaiting, maxWaitMs }: GateOptions): Gate {
  let inside = 0;
  let refused = 0;
  const waiting = new Set<() => void>();

  function enter(): Promise<void> {
    if (inside < width) {
      inside++;
      return Promise.resolve();
    }
    if (waiting.size >= maxWaiting) return Promise.reject(busy());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(admit);
        reject(busy());
      }, maxWaitMs);
      const admit = () => {
        clearTimeout(timer);
        waiting.delete(admit);
        resolve();
      };
      waiting.add(admit);
    });
  }

  /** The place goes straight to who has waited longest, so that nobody slips in between. */
  function leave(): void {
    const [next] = waiting;
    if (next) next();
    else inside--;
  }

  return {
    stats: () => ({ inside, waiting: waiting.size, refused }),
    async run(work) {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };

  function busy(): GoChatError {
    refused += 1;
    return new GoChatError("BUSY", "Too many people are signing in right now.", { retryAfterMs: maxWaitMs });
  }
}
