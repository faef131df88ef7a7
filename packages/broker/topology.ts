import type { EventContract, Exchange, ServiceName } from "@gochat/contracts/events/event";

/** A queue of scope `service`: there from the start, whoever has subscribed. */
export interface ServiceQueue {
  readonly name: string;
  readonly service: ServiceName;
  readonly event: string;
  readonly exchange: Exchange;
  /** The one routing key that it is bound with. */
  readonly routingKey: string;
}

/** `message.stored`, or with what the contract's key says behind it: `message.sent.3`. */
export function routingKeyOf(contract: EventContract, key: string | number | undefined): string {
  return key === undefined ? contract.name : `${contract.name}.${key}`;
}

/** `messages.message.sent.3`: whose queue, of which event, of which partition. */
export function serviceQueueName(service: ServiceName, routingKey: string): string {
  return `${service}.${routingKey}`;
}

/** Every queue of scope `service` that the contracts ask for. */
export function serviceQueues(events: readonly EventContract[], partitions: number): ServiceQueue[] {
  return events.flatMap((contract) =>
    Object.entries(contract.consumers)
      .filter(([, scope]) => scope === "service")
      .flatMap(([consumer]) =>
        keysOf(contract, partitions).map((key) => {
          const service = consumer as ServiceName;
          const routingKey = routingKeyOf(contract, key);
          const { name: event, exchange } = contract;
          return { name: serviceQueueName(service, routingKey), service, event, exchange, routingKey };
        }),
      ),
  );
}

function keysOf(contract: EventContract, partitions: number): (number | undefined)[] {
  if (contract.key === undefined) return [undefined];
  if (contract.key === "partition") return Array.from({ length: partitions }, (_, partition) => partition);
  throw new Error(`${contract.name} goes to one node: it can have no consumer of scope service.`);
}
