/**
 * Runs `work` while no other tab of this browser runs work of the same name.
 * Web Locks need a secure context; without them it runs at once, so `work` must stand being run by two tabs.
 */
export async function withTabLock<Result>(
  name: string,
  work: () => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  if (!navigator.locks) return work();
  return navigator.locks.request(name, signal ? { signal } : {}, work) as Promise<Result>;
}
