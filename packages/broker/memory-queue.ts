import type { EncodedEnvelope } from "./codec.ts";

/** Envelopes that are delivered together, and again together. */
export interface Batch {
  readonly entries: readonly EncodedEnvelope[];
  /** How often it was delivered. */
  deliveries: number;
}

export interface QueueBounds {
  /** In envelopes. */
  readonly maxLength: number;
  /** In UTF-16 units of their text. */
  readonly maxTextLength: number;
}

/**
 * The envelopes of one queue, in order. The batch in hand stays at the head until it is removed, so what comes
 * again comes before everything behind it, whoever consumes.
 */
export class MemoryQueue {
  readonly name: string;
  readonly #bounds: QueueBounds;
  /** Of all envelopes, those of the batch in hand too. */
  #textLength = 0;
  #waiting: EncodedEnvelope[] = [];
  #batch: Batch | undefined;
  /** Called when there is something to take. */
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
  hasRoomFor(entry: EncodedEnvelope): boolean {
    if (this.empty) return true;
    const length = this.#waiting.length + (this.#batch?.entries.length ?? 0);
    const { maxLength, maxTextLength } = this.#bounds;
    return length < maxLength && this.#textLength + entry.text.length <= maxTextLength;
  }

  push(entry: EncodedEnvelope): void {
    this.#waiting.push(entry);
    this.#textLength += entry.text.length;
    this.wake?.();
  }

  /** The batch that was not acknowledged, or else a new one: the first envelopes that fit into `maxEvents`. */
  take(maxEvents: number): Batch | undefined {
    if (this.#batch || this.#waiting.length === 0) return this.#batch;
    let envelopes = 0;
    let events = 0;
    for (const { count } of this.#waiting) {
      if (envelopes > 0 && events + count > maxEvents) break;
      envelopes += 1;
      events += count;
    }
    this.#batch = { entries: this.#waiting.splice(0, envelopes), deliveries: 0 };
    return this.#batch;
  }

  /** The batch in hand was acknowledged or given up. */
  removeBatch(): void {
    for (const { text } of this.#batch?.entries ?? []) this.#textLength -= text.length;
    this.#batch = undefined;
  }
}
