/** Milliseconds before delivery `attempt + 1`: 50, 100, 200, … up to 5 s, each with "equal jitter" (half to whole). */
export function backOff(attempt: number, firstMs = 50, maximumMs = 5_000): number {
  const ceiling = Math.min(maximumMs, firstMs * 2 ** (attempt - 1));
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}
