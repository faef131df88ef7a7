import { defaults } from "@gochat/broker/broker";
import type { MessageSent } from "@gochat/contracts/events/message-events";
import type { Receipt } from "./commands/store-messages.ts";

/** Stores a batch; answers the events that were put off. */
type Store = (events: readonly MessageSent[], receipt: Receipt) => Promise<readonly MessageSent[]>;

interface Waiting {
  readonly events: readonly MessageSent[];
  readonly receipt: Receipt;
  readonly resolve: (putOff: MessageSent[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Joins what the partitions have in hand: while one batch is being stored, those that come are gathered, and are the
 * next one together. A transaction, an announcement and a round of each consumer cost nearly the same for few messages
 * as for many, so partitions side by side would each pay for it. Each hands in one batch at a time, so within a
 * partition the order is kept.
 */
export class JointBatches {
  readonly #store: Store;
  readonly #maxEvents: number;
  readonly #stop = new AbortController();
  readonly #heeded = new WeakSet<AbortSignal>();
  #waiting: Waiting[] = [];
  #isStoring = false;

  constructor(store: Store, maxEvents: number = defaults.maxEventsPerBatch) {
    this.#store = store;
    this.#maxEvents = maxEvents;
  }

  /** Resolves, with those of these events that were put off, when the batch that they became part of is stored. */
  store(events: readonly MessageSent[], receipt: Receipt): Promise<MessageSent[]> {
    const { promise, resolve, reject } = Promise.withResolvers<MessageSent[]>();
    this.#heed(receipt.signal);
    this.#waiting.push({ events, receipt, resolve, reject });
    if (!this.#isStoring) void this.#run();
    return promise;
  }

  async #run(): Promise<void> {
    this.#isStoring = true;
    while (this.#waiting.length > 0) {
      // Whoever has just been answered is back with its next batch after a turn.
      await nextTurn();
      await nextTurn();
      await this.#storeTogether(this.#take());
    }
    this.#isStoring = false;
  }

  /** The first ones that fit together, and always one. */
  #take(): Waiting[] {
    let count = 0;
    const end = this.#waiting.findIndex(({ events }, index) => {
      count += events.length;
      return index > 0 && count > this.#maxEvents;
    });
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
  }

  async #storeTogether(some: readonly Waiting[]): Promise<void> {
    try {
      const events = some.flatMap((waiting) => waiting.events);
      const putOff = new Set(await this.#store(events, this.#jointReceipt(some)));
      for (const waiting of some) waiting.resolve(waiting.events.filter((event) => putOff.has(event)));
    } catch (error) {
      for (const { reject } of some) reject(error);
    }
  }

  #jointReceipt(some: readonly Waiting[]): Receipt {
    return {
      signal: this.#stop.signal,
      deadLetter: async (event, reason) => {
        const owner = some.find(({ events }) => events.includes(event));
        await owner?.receipt.deadLetter(event, reason);
      },
    };
  }

  /**
   * Whoever is told to stop stops all of them, for good: it is the service that stops. One listener for each of the few
   * signals; `AbortSignal.any` for each batch would have them remember every batch that ever was.
   */
  #heed(signal: AbortSignal): void {
    if (this.#heeded.has(signal)) return;
    this.#heeded.add(signal);
    if (signal.aborted) this.#stop.abort();
    else signal.addEventListener("abort", () => this.#stop.abort(), { once: true });
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
