import { setTimeout as wait } from "node:timers/promises";
import { backOff } from "@gochat/broker/back-off";
import { defaults, InvalidEventError } from "@gochat/broker/broker";
import type { Logger } from "@gochat/runtime/logger";

export interface BatcherOptions<Event> {
  readonly publish: (events: readonly Event[]) => Promise<void>;
  /** More are not taken. */
  readonly maxQueued: number;
  /** Events in one publication. Default: as many as a consumer takes at once. */
  readonly maxEvents?: number;
  /** Whether a failed publication is tried again, in place and in order, or dropped: best effort. */
  readonly keepsTrying: boolean;
  /** How long the next publication waits for more behind this one. Default 0. */
  readonly pauseMs?: () => number;
  /** An event that does not fit its schema: it never will. */
  readonly onInvalid?: (event: Event) => void;
  readonly logger: Logger;
}

/**
 * Turns a stream of events into publications, in order. One is in flight; the next goes as soon as it is confirmed,
 * or at the end of the tick, unless it is told to pause. So the busier, the bigger.
 */
export class Batcher<Event> {
  readonly #options: BatcherOptions<Event>;
  readonly #stop = new AbortController();
  #queue: Event[] = [];
  #running: Promise<void> | undefined;

  constructor(options: BatcherOptions<Event>) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#queue.length >= this.#options.maxQueued;
  }

  /** False where the event was not taken. */
  add(event: Event): boolean {
    if (this.isFull || this.#stop.signal.aborted) return false;
    this.#queue.push(event);
    this.#running ??= this.#run();
    return true;
  }

  /** Takes no more; publishes what is queued, for at most this long. */
  async stop(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(), graceMs);
    await this.#running;
    clearTimeout(timer);
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    await new Promise(setImmediate);
    while (this.#queue.length > 0 && !this.#stop.signal.aborted) {
      const { maxEvents = defaults.maxEventsPerBatch } = this.#options;
      let batch = this.#queue;
      if (batch.length > maxEvents) batch = this.#queue.splice(0, maxEvents);
      else this.#queue = [];
      await this.#publish(batch);
      await this.#pause();
    }
    this.#running = undefined;
  }

  /** Also where nothing waits yet: what comes meanwhile goes together. */
  async #pause(): Promise<void> {
    const pauseMs = this.#options.pauseMs?.() ?? 0;
    if (pauseMs > 0) await wait(pauseMs, undefined, { signal: this.#stop.signal }).catch(() => {});
  }

  async #publish(events: readonly Event[]): Promise<void> {
    const { publish, keepsTrying, logger } = this.#options;
    const { signal } = this.#stop;
    for (let attempt = 1; ; attempt++) {
      try {
        return await publish(events);
      } catch (error) {
        if (error instanceof InvalidEventError) return this.#publishOneByOne(events, error);
        if (!keepsTrying || signal.aborted) return;
        logger.warn(
          { err: error, attempt, events: events.length },
          "the broker does not take a batch; trying again",
        );
        await wait(backOff(attempt, 100), undefined, { signal }).catch(() => {});
      }
    }
  }

  async #publishOneByOne(events: readonly Event[], error: InvalidEventError): Promise<void> {
    const [event] = events;
    if (events.length === 1 && event !== undefined) {
      this.#options.logger.error({ err: error }, "an event does not fit its schema");
      this.#options.onInvalid?.(event);
      return;
    }
    for (const event of events) await this.#publish([event]);
  }
}
