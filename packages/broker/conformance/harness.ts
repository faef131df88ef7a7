import type { EventContract, ServiceName } from "@gochat/contracts/events/event";
import { defineEvent, type InProcess } from "@gochat/contracts/events/event";
import { Type } from "typebox";
import { vi } from "vitest";
import type { Broker, Delivery } from "../broker.ts";

export interface HarnessOptions {
  readonly events: readonly EventContract[];
  readonly partitions: number;
  readonly maxQueueLength: number;
  readonly maxQueueTextLength: number;
  readonly deliveryLimit: number;
}

/** Processes over the same queues, which are empty at the start. */
export interface BrokerHarness extends AsyncDisposable {
  /** The broker as the process with this id has it. Closed with the harness at the latest. */
  connect(nodeId: string): Promise<Broker>;
  /** What the dead-letter queues of a service hold, oldest first. */
  deadLetters(service: ServiceName): Promise<readonly { event: string; events: readonly unknown[] }[]>;
}

export type BrokerFactory = (options: HarnessOptions) => Promise<BrokerHarness>;
export type OpenHarness = (options?: Partial<HarnessOptions>) => Promise<BrokerHarness>;

const schema = Type.Object({
  number: Type.Integer(),
  tags: Type.Optional(Type.Array(Type.String())),
});
export type Happened = Type.Static<typeof schema>;

const inMessages = {
  exchange: "MessageEventsExchange",
  summary: "For the conformance suite.",
  schema,
} as const;
/** Of some of them; a broker in the process copies the others through text. */
const inProcess: InProcess<typeof schema> = {
  copy: ({ tags, ...rest }) => (tags ? { ...rest, tags: [...tags] } : rest),
  lengthOf: (event) => JSON.stringify(event).length,
};
export const partitioned = defineEvent({
  ...inMessages,
  name: "conformance.partitioned",
  producer: "chat",
  consumers: { messages: "service" },
  key: "partition",
  inProcess,
});
export const shared = defineEvent({
  ...inMessages,
  name: "conformance.shared",
  producer: "auth",
  consumers: { users: "service", notifications: "service" },
  inProcess,
});
export const mixed = defineEvent({
  ...inMessages,
  name: "conformance.mixed",
  producer: "messages",
  consumers: { chat: "node", notifications: "service" },
});
export const broadcast = defineEvent({
  ...inMessages,
  name: "conformance.broadcast",
  producer: "chat",
  consumers: { chat: "node" },
});
export const addressed = defineEvent({
  ...inMessages,
  name: "conformance.addressed",
  producer: "messages",
  consumers: { chat: "node" },
  key: "node",
});
export const unheard = defineEvent({
  ...inMessages,
  name: "conformance.unheard",
  producer: "messages",
  consumers: {},
});

export const conformanceOptions: HarnessOptions = {
  events: [partitioned, shared, mixed, broadcast, addressed, unheard],
  partitions: 4,
  maxQueueLength: 1_000,
  maxQueueTextLength: 1_000_000,
  deliveryLimit: 5,
};

/** `numbers(1, 3)`: the events 1, 2 and 3. */
export function numbers(from: number, to: number): Happened[] {
  return Array.from({ length: to - from + 1 }, (_, index) => ({ number: from + index }));
}

/** A handler that writes down what it gets. */
export function recorder(work: (events: Happened[], delivery: Delivery<Happened>) => unknown = () => {}) {
  const batches: { numbers: number[]; attempt: number }[] = [];
  return {
    batches,
    /** Every number, in the order of its first delivery: at least once may mean twice. */
    get seen(): number[] {
      return [...new Set(batches.flatMap((batch) => batch.numbers))];
    },
    handle: async (events: Happened[], delivery: Delivery<Happened>) => {
      batches.push({ numbers: events.map((event) => event.number), attempt: delivery.attempt });
      await work(events, delivery);
    },
  };
}

/** Waits until the assertion holds. */
export function eventually<Result>(assertion: () => Result): Promise<Awaited<Result>> {
  return vi.waitFor(assertion, { timeout: 10_000, interval: 5 }) as Promise<Awaited<Result>>;
}
