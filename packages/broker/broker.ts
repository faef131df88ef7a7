import type { EventContract, EventOf, ServiceName } from "@gochat/contracts/events/event";

/**
 * What every broker promises; broker.conformance.ts is the proof, run against each implementation.
 *
 * - **At least once** to each service that the event's contract names as a consumer, and for consumers of scope
 *   `node` to each process that is subscribed at that time. Where the queues are in memory, that is for as long as the
 *   broker lives: see docs/decisions/0025.
 * - **In order** within a queue, so within a partition: also when a delivery comes again.
 * - `publish` **resolves only when every bound queue has the events**. It rejects with `UnroutableError` where no
 *   queue is bound, with `QueueFullError` where a queue is at one of its bounds (envelopes, or their text), and with
 *   `PublishTimeoutError` where a broker in another process does not confirm within 5 s. The one in this process
 *   decides at once and never times out.
 *   After a rejection the events may or may not arrive: publish them again.
 * - A handler that **throws gets the same batch again**, with back-off, and after `deliveryLimit` deliveries the
 *   **dead-letter queue keeps it**; the batches behind it wait. A process that dies with a batch in hand leaves it to
 *   the next subscriber, which counts anew.
 * - **Payloads are copied**: what a handler gets shares nothing with what was published, and what does not fit the
 *   schema is refused by `publish` with `InvalidEventError`. Payloads are plain objects of the fields that the schema
 *   names; any other field may be lost or shared. A payload that does not fit on arrival goes to the dead-letter queue
 *   and to no handler.
 * - **Delivery never happens inside `publish`.**
 * - A queue hands out **one batch at a time**: up to `maxEvents` events, several publications joined, in order.
 *   The batch is acknowledged when the handler's promise resolves.
 *
 * The queues of scope `service` are there from the start, whether or not somebody has subscribed yet.
 */
export interface Broker extends AsyncDisposable {
  /** Whether queues of scope `service` outlive this process; not whether they outlive the broker. */
  readonly durable: boolean;

  /** Publishes 1..n events as one envelope. `key`: the partition number or node id where the contract has one. */
  publish<Contract extends EventContract>(
    contract: Contract,
    events: readonly EventOf<Contract>[],
    options?: PublishOptions,
  ): Promise<void>;

  /**
   * Starts handling. The promise resolves once deliveries can arrive, so it waits for a broker that is not there yet.
   * One subscription a queue and process.
   */
  subscribe<Contract extends EventContract>(subscription: Subscription<Contract>): Promise<Subscribed>;

  /** Resolves if the broker answers; rejects within 2 s otherwise. For `/readyz`. */
  ping(): Promise<void>;

  /** How full the queues are that this process consumes; rejects within 2 s where nobody answers. For `/metrics`. */
  depths(): Promise<QueueDepth[]>;

  /**
   * Calls the listener each time everything is back after the connection was lost, or a queue of this node with what
   * was in it. Returns the way to stop.
   */
  onReconnect(listener: () => void): () => void;
}

export interface PublishOptions {
  readonly key?: string | number;
  /** Goes with the envelope: by which request or frame all of this came about. */
  readonly trace?: string;
}

export interface Subscription<Contract extends EventContract> {
  /** Whose queue: the service must be named in `contract.consumers`. */
  readonly service: ServiceName;
  readonly contract: Contract;
  /** The partition number, or this process' node id, where the contract has a key. */
  readonly key?: string | number;
  /** At most this many events in a batch; an envelope is never split. Default 500. */
  readonly maxEvents?: number;
  /** For what may come later under load, to be handled in fewer and larger batches. Default: at once. */
  readonly gather?: Gathering;
  readonly handle: (events: EventOf<Contract>[], delivery: Delivery<EventOf<Contract>>) => Promise<void>;
}

/** After a batch of at least `from` events the next one begins `forMs` after it began, or later. */
export interface Gathering {
  readonly from: number;
  readonly forMs: number;
}

export interface Delivery<Event> {
  /** Aborted when the subscription closes: stop waiting, throw; the batch is delivered again later. */
  readonly signal: AbortSignal;
  /** 1 for the first delivery of this batch; more where any of it may have been delivered before, to whomever. */
  readonly attempt: number;
  /** When the oldest envelope of this batch was published: RFC 3339, UTC, by the clock of its producer. */
  readonly publishedAt: string;
  /** The traces of its envelopes, of those that have one, in order and without repetition. */
  readonly traces: readonly string[];
  /** Keeps a copy of one poisoned event in the dead-letter queue; its neighbours go on. */
  deadLetter(event: Event, reason: string): Promise<void>;
}

export interface QueueDepth {
  readonly service: ServiceName;
  /** The queue's name; without the id of the process where it is that of one process. */
  readonly queue: string;
  /** Envelopes that wait. What was handed out, or is on its way to this process, may be left out. */
  readonly envelopes: number;
  /** What the dead-letter queue behind it keeps; one that several queues share is an entry of its own. */
  readonly deadLetters: number;
}

export interface Subscribed extends AsyncDisposable {
  /** Takes no further batch, waits for the one in hand (its signal is aborted after `graceMs`, default 5 s). */
  close(graceMs?: number): Promise<void>;
}

/** What travels: one AMQP message, as JSON, or one entry of an in-process queue; see codec.ts. */
export interface Envelope<Event = unknown> {
  readonly v: 1;
  /** The name of the event's contract. */
  readonly type: string;
  /** When it was published: RFC 3339, UTC. */
  readonly at: string;
  readonly producer: ServiceName;
  readonly trace?: string;
  readonly events: readonly Event[];
}

export const defaults = {
  /** For a broker in another process. */
  publishTimeoutMs: 5_000,
  /** How often a batch is delivered before the dead-letter queue keeps it. */
  deliveryLimit: 5,
  /** Bound of a queue, in envelopes. */
  maxQueueLength: 10_000,
  /** Bound of a queue, in UTF-16 units of its envelopes' text (in this process about that): a byte each for ASCII. */
  maxQueueTextLength: 64 * 1024 * 1024,
  maxEventsPerBatch: 500,
} as const;

export class UnroutableError extends Error {
  constructor(routingKey: string) {
    super(`No queue is bound for ${routingKey}.`);
    this.name = "UnroutableError";
  }
}

export class QueueFullError extends Error {
  constructor(queue: string) {
    super(`Queue ${queue} is full.`);
    this.name = "QueueFullError";
  }
}

export class PublishTimeoutError extends Error {
  constructor(routingKey: string) {
    super(`The broker did not confirm ${routingKey} in time.`);
    this.name = "PublishTimeoutError";
  }
}

export class InvalidEventError extends Error {
  constructor(event: string, detail: string) {
    super(`An event does not fit the schema of ${event}: ${detail}`);
    this.name = "InvalidEventError";
  }
}

/** Why a broker that is there cannot be used: one sentence for the person who starts GoChat, saying what to do. */
export class BrokerRefusedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BrokerRefusedError";
  }
}
