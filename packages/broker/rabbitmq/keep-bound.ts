import type { BrokerLogger } from "./link.ts";

interface KeepingOptions {
  readonly everyMs: number;
  /** Makes again what is not there. */
  readonly assert: () => Promise<void>;
  readonly logger: BrokerLogger;
}

/**
 * A queue that is deleted tells its consumer; a binding that is removed tells nobody, and what is published then misses
 * the queue. So each service looks after its own now and then; queues of one process nobody else may touch. Returns the
 * way to stop.
 */
export function keepBound({ everyMs, assert, logger }: KeepingOptions): () => void {
  let isAsserting = false;
  const timer = setInterval(() => {
    if (isAsserting) return;
    isAsserting = true;
    assert()
      .catch((err: unknown) => logger.warn({ err }, "Queues and bindings could not be looked after."))
      .finally(() => {
        isAsserting = false;
      });
  }, everyMs).unref();
  return () => clearInterval(timer);
}
