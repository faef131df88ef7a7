import type { Batch, BatchSource } from "./batch-consumer.ts";
import type { KeptEnvelope } from "./codec.ts";

export interface QueueBounds {
  /** In envelopes. */
  readonly maxLength: number;
  /** In UTF-16 units of their text, about. */
  readonly maxTextLength: number;
}

/**
 * The envelopes of one queue, in order. The batch in hand stays at the head until it is removed, so what comes
 * again comes before everything behind it, whoever consumes.
 */
export class MemoryQueue implements BatchSource {
  readonly name: string;
  readonly #bounds: QueueBounds;
  /** Of all envelopes, those of the batch in hand too. */
  #textLength = 0;
  #waiting: KeptEnvelope[] = [];
  #inHand: readonly KeptEnvelope[] = [];
  #batch: Batch | undefined;
  wake: (() => void) | undefined;

  constructor(name: string, bounds: QueueBounds) {
    this.name = name;
    this.#bounds = bounds;
  }

  /** Whether somebody consumes it. */
  get consumed(): boolean {
    return this.wake !== undefined;
  }

  get empty(): boolean {
    return this.#waiting.length === 0 && this.#batch === undefined;
  }

  /** Envelopes that wait; the batch in hand is not among them. */
  get length(): number {
    return this.#waiting.length;
  }

  /** The batch in hand counts too. An envelope that is too long by itself gets in alone, or it never would. */
  hasRoomFor(entry: KeptEnvelope): boolean {
    if (this.empty) return true;
    const length = this.#waiting.length + this.#inHand.length;
    const { maxLength, maxTextLength } = this.#bounds;
    return length < maxLength && this.#textLength + entry.length <= maxTextLength;
  }

  push(entry: KeptEnvelope): void {
    this.#waiting.push(entry);
    this.#textLength += entry.length;
    this.wake?.();
  }

  take(maxEvents: number): Batch | undefined {
    if (this.#batch || this.#waiting.length === 0) return this.#batch;
    let envelopes = 0;
    let events = 0;
    for (const { count } of this.#waiting) {
      if (envelopes > 0 && events + count > maxEvents) break;
      envelopes += 1;
      events += count;
    }
    const entries = this.#waiting.splice(0, envelopes);
    this.#inHand = entries;
    this.#batch = {
      deliveries: 0,
      deliveriesBefore: 0,
      poisoned: [],
      // Fresh at each delivery: what a handler did to its objects before it threw is gone.
      envelopes: () => entries.map((entry) => entry.read()),
    };
    return this.#batch;
  }

  remove(batch: Batch): void {
    if (batch !== this.#batch) return;
    for (const { length } of this.#inHand) this.#textLength -= length;
    this.#inHand = [];
    this.#batch = undefined;
  }
}
