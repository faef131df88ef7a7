import type { Broker } from "@gochat/broker/broker";
import type { EventContract } from "@gochat/contracts/events/event";
import type { ServiceDefinition } from "@gochat/runtime/service";

/** A service that never gets some of its events, as if its queue had lost them. */
export function losing(
  service: ServiceDefinition,
  isLost: (contract: EventContract, event: unknown) => boolean,
): ServiceDefinition {
  const start: ServiceDefinition["start"] = (context) => {
    const broker: Broker = Object.assign(Object.create(context.broker) as Broker, {
      publish: context.broker.publish.bind(context.broker),
      onReconnect: context.broker.onReconnect.bind(context.broker),
      subscribe: ((subscription) =>
        context.broker.subscribe({
          ...subscription,
          handle: async (events, delivery) => {
            const left = events.filter((event) => !isLost(subscription.contract, event));
            if (left.length > 0) await subscription.handle(left as typeof events, delivery);
          },
        })) as Broker["subscribe"],
    });
    return service.start({ ...context, broker });
  };
  return { ...service, start };
}
