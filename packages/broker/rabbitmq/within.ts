/** Rejects where the promise takes longer. What it does goes on. */
export async function within<Result>(
  milliseconds: number,
  promise: Promise<Result>,
  message = `No answer within ${milliseconds} ms.`,
): Promise<Result> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(message)), milliseconds);
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
