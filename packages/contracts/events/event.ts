import type { Static, TSchema } from "typebox";

export type ServiceName = "auth" | "users" | "chat" | "messages" | "notifications";
export const serviceNames: readonly ServiceName[] = ["auth", "users", "chat", "messages", "notifications"];

export type Exchange = "UserEventsExchange" | "MessageEventsExchange";

/**
 * How a consumer takes an event.
 * `service`: one queue for the service, durable; each event is handled once by whichever of its processes is there.
 * `node`: one queue for each process, gone with it; every process gets every event.
 */
export type Scope = "service" | "node";

/** What may be published, by whom, and whose queues it must reach. The topology of the broker is made from these. */
export interface EventContract<Schema extends TSchema = TSchema> {
  /** A past-tense fact with a dotted name; also the routing key. */
  readonly name: string;
  readonly exchange: Exchange;
  readonly producer: ServiceName;
  readonly consumers: Partial<Record<ServiceName, Scope>>;
  /**
   * What stands behind the name in the routing key.
   * `partition`: 0 … PARTITIONS − 1, one service queue each, in order within it;
   * `node`: the id of the one process that gets it.
   */
  readonly key?: "partition" | "node";
  readonly summary: string;
  readonly schema: Schema;
  /** For events by the thousand in one process; without it, they are copied through their text. */
  readonly inProcess?: InProcess<Schema>;
}

export interface InProcess<Schema extends TSchema> {
  /** Shares no object with an event of the fields that the schema names. */
  copy(event: Static<Schema>): Static<Schema>;
  /** Of the event's text, about: what a queue is bounded by. */
  lengthOf(event: Static<Schema>): number;
}

export type EventOf<Contract> = Contract extends EventContract<infer Schema> ? Static<Schema> : never;

export function defineEvent<const Schema extends TSchema, const Contract extends EventContract<Schema>>(
  contract: Contract & { schema: Schema },
): Contract & EventContract<Schema> {
  return contract;
}
