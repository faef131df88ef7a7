/**
 * Starts several at once and waits for all of them. Whoever owns `resources` disposes those that did start, also
 * where another did not; the first refusal is thrown.
 */
export async function startAll<Name extends string, Resource extends AsyncDisposable>(
  resources: AsyncDisposableStack,
  starters: ReadonlyMap<Name, () => Promise<Resource>>,
): Promise<Map<Name, Resource>> {
  const started = new Map<Name, Resource>();
  const results = await Promise.allSettled(
    Array.from(starters, async ([name, start]) => started.set(name, await start())),
  );
  resources.defer(async () => {
    await Promise.all([...started.values()].map((resource) => resource[Symbol.asyncDispose]()));
  });
  const refused = results.find((result) => result.status === "rejected");
  if (refused) throw refused.reason;
  return started;
}
