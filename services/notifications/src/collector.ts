export interface Collector<Item> {
  add(items: Iterable<Item>): void;
  /** Resolves once nothing is collected or in hand. */
  idle(): Promise<void>;
}

/**
 * Hands items on in the order in which they came, one batch at a time: what comes while a batch is in hand is the
 * next one, so the busier, the bigger. An item that waits already is not added again. `work` deals with its own errors.
 */
export function createCollector<Item>(
  maxItems: number,
  work: (items: Item[]) => Promise<void>,
): Collector<Item> {
  const collected = new Set<Item>();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    // What is added in the same turn of the event loop belongs together.
    await Promise.resolve();
    while (collected.size > 0) {
      const batch = [...collected.values().take(maxItems)];
      for (const item of batch) collected.delete(item);
      await work(batch);
    }
    running = undefined;
  }

  return {
    add(items) {
      for (const item of items) collected.add(item);
      if (collected.size > 0) running ??= run();
    },
    async idle() {
      while (running) await running;
    },
  };
}
