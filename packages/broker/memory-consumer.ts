import { setTimeout as sleep } from "node:timers/promises";
import { backOff } from "./back-off.ts";
import type { Delivery, Subscribed } from "./broker.ts";
import { decodeEnvelope, originOf } from "./codec.ts";
import type { Batch, MemoryQueue } from "./memory-queue.ts";

export interface ConsumerOptions {
  readonly queue: MemoryQueue;
  readonly maxEvents: number;
  readonly deliveryLimit: number;
  readonly handle: (events: unknown[], delivery: Delivery<unknown>) => Promise<void>;
  readonly keepDeadLetter: (events: readonly unknown[], reason: string) => void;
  readonly onFailure: (attempt: number, error: unknown) => void;
  /** Told after each batch, and when the consumer is gone. */
  readonly onRest: () => void;
}

/** How long a handler whose signal was aborted may take to leave before it is left behind. */
const abandonMs = 1_000;

/** Hands out the batches of one queue, one at a time. */
export class MemoryConsumer implements Subscribed {
  readonly #options: ConsumerOptions;
  readonly #abort = new AbortController();
  #running: Promise<void> | undefined;
  #turn: NodeJS.Immediate | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  /** Set once another consumer may have the batch: what this one's handler says counts no more. */
  #gone = false;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    options.queue.wake = () => this.#schedule();
    this.#schedule();
  }

  close(graceMs = 5_000): Promise<void> {
    this.#closing ??= this.#stop(graceMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A macrotask of its own for each delivery, so that none happens inside `publish`. */
  #schedule(): void {
    if (this.#closing || this.#running || this.#turn || this.#retry || this.#options.queue.empty) return;
    this.#turn = setImmediate(() => {
      this.#turn = undefined;
      this.#running = this.#deliver(this.#options.queue.take(this.#options.maxEvents)!).then(() => {
        this.#running = undefined;
        this.#schedule();
        this.#options.onRest();
      });
    });
  }

  async #deliver(batch: Batch): Promise<void> {
    const { queue, deliveryLimit, handle, keepDeadLetter, onFailure } = this.#options;
    batch.deliveries += 1;
    const attempt = batch.deliveries;
    // Parsed anew at each delivery: what a handler did to its objects before it threw is gone.
    const envelopes = () => batch.entries.map((entry) => decodeEnvelope(entry.text));
    const deadLetter = async (event: unknown, reason: string) =>
      keepDeadLetter([structuredClone(event)], reason);
    try {
      const arrived = envelopes();
      const events = arrived.flatMap((envelope) => envelope.events);
      await handle(events, { signal: this.#abort.signal, attempt, ...originOf(arrived), deadLetter });
      if (!this.#gone) queue.removeBatch();
    } catch (error) {
      if (this.#gone) return;
      onFailure(attempt, error);
      if (this.#abort.signal.aborted) return;
      if (attempt >= deliveryLimit) {
        const events = envelopes().flatMap((envelope) => envelope.events);
        keepDeadLetter(events, error instanceof Error ? error.message : String(error));
        queue.removeBatch();
      } else if (!this.#closing) {
        this.#retry = setTimeout(() => {
          this.#retry = undefined;
          this.#schedule();
        }, backOff(attempt));
      }
    }
  }

  async #stop(graceMs: number): Promise<void> {
    clearImmediate(this.#turn);
    clearTimeout(this.#retry);
    if (!(await this.#settles(graceMs))) {
      this.#abort.abort();
      await this.#settles(abandonMs);
    }
    this.#gone = true;
    this.#options.queue.wake = undefined;
    this.#options.onRest();
  }

  /** Whether the handler leaves in time. */
  async #settles(milliseconds: number): Promise<boolean> {
    if (!this.#running) return true;
    const timer = new AbortController();
    const timeout = sleep(milliseconds, false, { signal: timer.signal }).catch(() => false);
    const left = await Promise.race([this.#running.then(() => true), timeout]);
    timer.abort();
    return left;
  }
}
