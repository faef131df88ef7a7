export interface Flushed {
  flush(): void;
}

const soonMs = 25;
let waiting: Flushed[] = [];
let unhurried: Flushed[] = [];

/** Calls `flush` when the callback of the event loop that is at work is over: one entry in its queue for all of them. */
export function flushAtEndOfTurn(flushed: Flushed): void {
  if (waiting.push(flushed) === 1) process.nextTick(flushAll);
}

function flushAll(): void {
  const all = waiting;
  waiting = [];
  for (const flushed of all) flushed.flush();
}

/** Calls `flush` within 25 ms: one timer for all of them. */
export function flushSoon(flushed: Flushed): void {
  if (unhurried.push(flushed) === 1) setTimeout(flushUnhurried, soonMs);
}

function flushUnhurried(): void {
  const all = unhurried;
  unhurried = [];
  for (const flushed of all) flushed.flush();
}
