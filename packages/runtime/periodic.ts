import type { Logger } from "./logger.ts";

interface Periodic {
  /** What is said in the log when it fails. */
  readonly name: string;
  readonly everyMs: number;
  /** How much of `everyMs` is drawn by lot, 0 … 1, so that nodes do not all come at once. */
  readonly jitter: number;
  readonly work: () => Promise<void>;
  readonly logger: Logger;
}

/** Does the work again and again, each time after the last one is done. Returns the way to stop, which waits for it. */
export function startPeriodic({ name, everyMs, jitter, work, logger }: Periodic): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let isStopped = false;
  let timer: NodeJS.Timeout;

  function plan(): void {
    if (isStopped) return;
    timer = setTimeout(
      () => {
        running = work()
          .catch((error: unknown) => logger.warn({ err: error }, `${name} failed; it is tried again`))
          .finally(plan);
      },
      everyMs * (1 - jitter * Math.random()),
    );
    timer.unref();
  }

  plan();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    return running;
  };
}
