import type { EventContract } from "@gochat/contracts/events/event";
import type { ConsumeMessage } from "amqplib";
import type { Batch, BatchSource, Poisoned } from "../batch-consumer.ts";
import type { Envelope } from "../broker.ts";
import { readEnvelope } from "../codec.ts";

interface Arrival {
  readonly message: ConsumeMessage;
  /** Read once to count its events; given away with the first delivery. */
  envelope: Envelope | undefined;
  readonly count: number;
}

/** What arrived of one queue and is not acknowledged, in order. */
export class Inbox implements BatchSource {
  readonly #contract: EventContract;
  /** Everything up to this message. */
  readonly #acknowledge: (last: ConsumeMessage) => void;
  #unread: ConsumeMessage[] = [];
  /** The one that did not fit into the last batch any more. */
  #next: (Arrival & { readonly poisoned: readonly Poisoned[] }) | undefined;
  #batch: Batch | undefined;
  #last: ConsumeMessage | undefined;
  wake: (() => void) | undefined;

  constructor(contract: EventContract, acknowledge: (last: ConsumeMessage) => void) {
    this.#contract = contract;
    this.#acknowledge = acknowledge;
  }

  get empty(): boolean {
    return !this.#batch && !this.#next && this.#unread.length === 0;
  }

  push(message: ConsumeMessage): void {
    this.#unread.push(message);
    this.wake?.();
  }

  /** Its channel is lost: all of it comes again. A batch in hand is no longer ours to acknowledge. */
  clear(): void {
    this.#unread = [];
    this.#next = undefined;
    this.#batch = undefined;
  }

  take(maxEvents: number): Batch | undefined {
    if (this.#batch) return this.#batch;
    const arrivals: Arrival[] = [];
    const poisoned: Poisoned[] = [];
    let events = 0;
    for (let next = this.#peek(); next; next = this.#peek()) {
      if (arrivals.length > 0 && events + next.count > maxEvents) break;
      arrivals.push(next);
      poisoned.push(...next.poisoned);
      events += next.count;
      this.#next = undefined;
    }
    this.#last = arrivals.at(-1)?.message;
    if (!this.#last) return undefined;
    this.#batch = {
      deliveries: 0,
      deliveriesBefore: Math.max(...arrivals.map(({ message }) => deliveriesBefore(message))),
      poisoned,
      envelopes: () => arrivals.flatMap((arrival) => this.#envelopeOf(arrival)),
    };
    return this.#batch;
  }

  remove(batch: Batch): void {
    if (batch !== this.#batch || !this.#last) return;
    this.#batch = undefined;
    this.#acknowledge(this.#last);
  }

  #peek() {
    if (this.#next) return this.#next;
    const message = this.#unread.shift();
    if (!message) return undefined;
    const { envelope, poisoned } = readEnvelope(this.#contract, message.content);
    this.#next = { message, envelope, poisoned, count: envelope?.events.length ?? 0 };
    return this.#next;
  }

  /** Read anew at each further delivery: what a handler did to its objects before it threw is gone. */
  #envelopeOf(arrival: Arrival): Envelope[] {
    const { envelope = readEnvelope(this.#contract, arrival.message.content).envelope } = arrival;
    arrival.envelope = undefined;
    return envelope ? [envelope] : [];
  }
}

/** Quorum queues count. A classic one only says whether it was delivered before. */
function deliveriesBefore({ properties, fields }: ConsumeMessage): number {
  const count = properties.headers?.["x-delivery-count"] as unknown;
  return typeof count === "number" ? count : Number(fields.redelivered);
}
