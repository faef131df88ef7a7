export interface Flushed {
  flush(): void;
}

const soonMs = 25;

/** Calls `flush` when the callback of the event loop that is at work is over: one entry in its queue for all of them. */
export const flushAtEndOfTurn = flushTogether((flushAll) => process.nextTick(flushAll));

/** Calls `flush` within 25 ms: one timer for all of them. */
export const flushSoon = flushTogether((flushAll) => setTimeout(flushAll, soonMs));

/** The first one schedules for all that come until then. */
function flushTogether(schedule: (flushAll: () => void) => void): (flushed: Flushed) => void {
  let waiting: Flushed[] = [];
  function flushAll(): void {
    const all = waiting;
    waiting = [];
    for (const flushed of all) flushed.flush();
  }
  return (flushed) => {
    if (waiting.push(flushed) === 1) schedule(flushAll);
  };
}
