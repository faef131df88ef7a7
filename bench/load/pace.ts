import type { Pair } from "./pair.ts";
import type { Pace } from "./plan.ts";

/** Decides when each pair sends. */
export interface Pacer {
  start(): void;
  /** Sends nothing new. */
  stop(): void;
  arrived(pair: Pair): void;
}

export function createPacer(pace: Pace, pairs: readonly Pair[]): Pacer {
  return "window" in pace ? closedLoop(pace.window, pairs) : openLoop(pace.perSecond, pairs);
}

function closedLoop(window: number, pairs: readonly Pair[]): Pacer {
  let running = false;
  return {
    start: () => {
      running = true;
      for (const pair of pairs) for (let number = 0; number < window; number++) pair.send(performance.now());
    },
    stop: () => {
      running = false;
    },
    arrived: (pair) => {
      if (running) pair.send(performance.now());
    },
  };
}

/** Message number n is due n / perSecond after the start. A timer that comes late sends all that is due, dated back. */
function openLoop(perSecond: number, pairs: readonly Pair[]): Pacer {
  let timer: NodeJS.Timeout | undefined;
  return {
    start: () => {
      const began = performance.now();
      let sent = 0;
      timer = setInterval(() => {
        const due = ((performance.now() - began) * perSecond) / 1_000;
        for (; sent < due; sent++) pairs[sent % pairs.length]!.send(began + (sent * 1_000) / perSecond);
      }, 1);
    },
    stop: () => clearInterval(timer),
    arrived: () => {},
  };
}
