/** Milliseconds to wait before the attempt after this one (0 for the first): doubling, bounded, half of it jitter. */
export function backOffMs(attempt: number, firstMs = 100, longestMs = 5_000): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 30));
  return full / 2 + (Math.random() * full) / 2;
}

/** Rejects with an error that says `message` where the promise takes longer. What the promise does goes on. */
export async function withTimeout<Result>(
  promise: Promise<Result>,
  timeoutMs: number,
  message: string,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(message)), timeoutMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
