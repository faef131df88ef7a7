const shortest = 1_000;
const longest = 30_000;

/**
 * How long to wait before attempt `attempt` (0 = the first retry), in milliseconds: full jitter between nothing
 * and a bound that doubles from 1 s to 30 s, and never less than 100 ms.
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function fullJitter(attempt: number, random: () => number = Math.random): number {
  const bound = Math.min(longest, shortest * 2 ** Math.min(attempt, 10));
  return Math.max(100, Math.round(random() * bound));
}
