import { setTimeout as sleep } from "node:timers/promises";
import { backOff } from "./back-off.ts";
import type { Delivery, Envelope, Gathering, Subscribed } from "./broker.ts";
import { originOf } from "./codec.ts";

/** Envelopes that are delivered together, and again together. */
export interface Batch {
  /** How often this consumer's handler got it. */
  deliveries: number;
  /** How often it may have been delivered before that, to whomever. */
  readonly deliveriesBefore: number;
  /** What must go to the dead-letter queue before anything is delivered; emptied by whoever kept it there. */
  readonly poisoned: Poisoned[];
  /** Fresh objects at each call, without what is poisoned. */
  envelopes(): Envelope[];
}

export interface Poisoned {
  readonly content: Envelope | Buffer;
  readonly reason: string;
}

/** What a consumer takes its batches from: a queue in this process, or what has arrived from one elsewhere. */
export interface BatchSource {
  readonly empty: boolean;
  /** Called when there is something to take. */
  wake: (() => void) | undefined;
  /** The batch that was not removed, or else a new one: the first envelopes that fit into `maxEvents`. */
  take(maxEvents: number): Batch | undefined;
  /** This batch was handled or given up. */
  remove(batch: Batch): void;
}

export interface BatchConsumerOptions {
  readonly source: BatchSource;
  readonly maxEvents: number;
  readonly gather?: Gathering | undefined;
  readonly deliveryLimit: number;
  readonly handle: (events: unknown[], delivery: Delivery<unknown>) => Promise<void>;
  /** Resolves once the dead-letter queue has all of it. */
  readonly keepDeadLetters: (poisoned: readonly Poisoned[]) => Promise<void>;
  readonly onFailure: (attempt: number, error: unknown) => void;
  /** Told after each batch, and when the consumer is gone. */
  readonly onRest: () => void;
}

/** How long a handler whose signal was aborted may take to leave before it is left behind. */
const abandonMs = 1_000;

/** Hands out batches, one at a time, and the same one again where its handler throws. */
export class BatchConsumer implements Subscribed {
  readonly #options: BatchConsumerOptions;
  readonly #abort = new AbortController();
  #running: Promise<void> | undefined;
  #turn: NodeJS.Immediate | undefined;
  /** Until the next delivery may begin. */
  #pause: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  /** Set once another consumer may have the batch: what this one's handler says counts no more. */
  #gone = false;

  constructor(options: BatchConsumerOptions) {
    this.#options = options;
    options.source.wake = () => this.#schedule();
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
    if (this.#closing || this.#running || this.#turn || this.#pause || this.#options.source.empty) return;
    this.#turn = setImmediate(() => {
      this.#turn = undefined;
      const batch = this.#options.source.take(this.#options.maxEvents);
      if (!batch) return;
      const began = performance.now();
      this.#running = this.#deliver(batch).then((events) => {
        this.#running = undefined;
        const { from = Number.POSITIVE_INFINITY, forMs = 0 } = this.#options.gather ?? {};
        if (events >= from) this.#pauseFor(began + forMs - performance.now());
        this.#schedule();
        this.#options.onRest();
      });
    });
  }

  /** Answers how many events it handled. */
  async #deliver(batch: Batch): Promise<number> {
    const { source, onFailure } = this.#options;
    batch.deliveries += 1;
    try {
      const handled = await this.#handle(batch);
      if (!this.#gone) source.remove(batch);
      return handled;
    } catch (error) {
      if (this.#gone) return 0;
      onFailure(batch.deliveries, error);
      if (this.#abort.signal.aborted) return 0;
      if (await this.#givesUp(batch, error)) source.remove(batch);
      else this.#pauseFor(backOff(batch.deliveries));
      return 0;
    }
  }

  async #handle(batch: Batch): Promise<number> {
    const { handle, keepDeadLetters } = this.#options;
    if (batch.poisoned.length > 0) {
      await keepDeadLetters(batch.poisoned);
      batch.poisoned.length = 0;
    }
    const envelopes = batch.envelopes();
    const events = envelopes.flatMap((envelope) => envelope.events);
    if (events.length === 0) return 0;
    await handle(events, {
      signal: this.#abort.signal,
      attempt: batch.deliveries + batch.deliveriesBefore,
      ...originOf(envelopes),
      deadLetter: (event, reason) => {
        const content = { ...envelopes[0]!, events: [structuredClone(event)] };
        return keepDeadLetters([{ content, reason }]);
      },
    });
    return events.length;
  }

  /** Whether the batch has had its deliveries, and the dead-letter queue has it now. */
  async #givesUp(batch: Batch, error: unknown): Promise<boolean> {
    const { deliveryLimit, keepDeadLetters, onFailure } = this.#options;
    if (batch.deliveries < deliveryLimit) return false;
    const reason = error instanceof Error ? error.message : String(error);
    try {
      await keepDeadLetters(batch.envelopes().map((content) => ({ content, reason })));
      return !this.#gone;
    } catch (notKept) {
      onFailure(batch.deliveries, notKept);
      return false;
    }
  }

  #pauseFor(milliseconds: number): void {
    if (this.#closing || milliseconds <= 0) return;
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#schedule();
    }, milliseconds);
  }

  async #stop(graceMs: number): Promise<void> {
    clearImmediate(this.#turn);
    clearTimeout(this.#pause);
    if (!(await this.#settles(graceMs))) {
      this.#abort.abort();
      await this.#settles(abandonMs);
    }
    this.#gone = true;
    this.#options.source.wake = undefined;
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
