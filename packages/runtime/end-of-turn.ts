export interface Flushed {
  flush(): void;
}

let waiting: Flushed[] = [];

/** Calls `flush` when the callback of the event loop that is at work is over: one entry in its queue for all of them. */
export function flushAtEndOfTurn(flushed: Flushed): void {
  if (waiting.push(flushed) === 1) process.nextTick(flushAll);
}

function flushAll(): void {
  const all = waiting;
  waiting = [];
  for (const flushed of all) flushed.flush();
}
