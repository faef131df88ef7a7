import type { ServiceName } from "@gochat/contracts/events/event";

/** What a queue gave up: kept for a person to look at. */
export interface DeadLetter {
  readonly service: ServiceName;
  /** The name of the event. */
  readonly event: string;
  readonly queue: string;
  readonly reason: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly events: readonly unknown[];
}

/** The dead-letter queues of a broker, one for each queue; where one is full its oldest entry gives way. */
export class DeadLetters {
  readonly #queues = new Map<string, DeadLetter[]>();
  readonly #bound: number;

  constructor(bound = 1_000) {
    this.#bound = bound;
  }

  keep(letter: DeadLetter): void {
    const queue = this.#queues.get(letter.queue) ?? [];
    this.#queues.set(letter.queue, queue);
    if (queue.length >= this.#bound) queue.shift();
    queue.push(letter);
  }

  countOf(queue: string): number {
    return this.#queues.get(queue)?.length ?? 0;
  }

  /** Those of one service, queue by queue, oldest first. */
  of(service: ServiceName): DeadLetter[] {
    return [...this.#queues.values()].flat().filter((letter) => letter.service === service);
  }
}
