import type { Broker, PublishOptions, Subscribed, Subscription } from "@gochat/broker/broker";
import type { EventContract, EventOf } from "@gochat/contracts/events/event";
import { type BrokerMeasures, type Consumer, createBrokerMeasures } from "./broker-measures.ts";
import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";
import { newSpanId, parseTraceparent } from "./trace-context.ts";
import { preciseNow, type Tracing } from "./tracing.ts";

interface Observing {
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly logger: Logger;
}

/** A broker that measures what goes through it: the work of a batch, never that of a single event. */
export function observeBroker(broker: Broker, observing: Observing): Broker {
  const measures = createBrokerMeasures(broker, observing.metrics);
  return {
    durable: broker.durable,
    ping: () => broker.ping(),
    depths: () => broker.depths(),
    onReconnect: (listener) => broker.onReconnect(listener),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),

    async publish<Contract extends EventContract>(
      contract: Contract,
      events: readonly EventOf<Contract>[],
      options?: PublishOptions,
    ): Promise<void> {
      const event = contract.name;
      measures.willPublish(event);
      const end = measures.publishSeconds.startTimer({ event });
      try {
        await broker.publish(contract, events, options);
        measures.published.inc({ event }, events.length);
      } catch (error) {
        measures.publishFailures.inc({ event });
        throw error;
      } finally {
        end();
      }
    },

    subscribe<Contract extends EventContract>(subscription: Subscription<Contract>): Promise<Subscribed> {
      const handle = observeHandler(subscription, measures, observing);
      return broker.subscribe({ ...subscription, handle });
    },
  };
}

function observeHandler<Contract extends EventContract>(
  subscription: Subscription<Contract>,
  measures: BrokerMeasures,
  observing: Observing,
): Subscription<Contract>["handle"] {
  const labels = { service: subscription.service, event: subscription.contract.name };
  const consumer: Consumer = { labels, since: undefined };
  measures.consumers.add(consumer);
  measures.batchFailures.inc(labels, 0);
  return async (events, delivery) => {
    consumer.since = Date.parse(delivery.publishedAt);
    measures.batchEvents.observe(labels, events.length);
    const end = measures.batchSeconds.startTimer(labels);
    const startedAt = preciseNow();
    let failed = true;
    try {
      await subscription.handle(events, delivery);
      failed = false;
    } catch (error) {
      measures.batchFailures.inc(labels);
      throw error;
    } finally {
      end();
      consumer.since = undefined;
      recordHandling({ labels, traces: delivery.traces, startedAt, failed }, observing);
    }
  };
}

interface Handling {
  readonly labels: Consumer["labels"];
  readonly traces: readonly string[];
  readonly startedAt: number;
  readonly failed: boolean;
}

/** What came about by a request goes on in its trace. Messages have traces of their own: see trail.ts. */
function recordHandling(
  { labels: { service, event }, traces, startedAt, failed }: Handling,
  { tracing, logger }: Observing,
): void {
  for (const traceparent of traces) {
    const parent = parseTraceparent(traceparent);
    if (!parent) continue;
    const { traceId, spanId: parentSpanId, sampled } = parent;
    logger.debug({ service, traceId, event, failed }, "event handled");
    const context = { traceId, spanId: newSpanId(), sampled };
    const name = `handle ${event}`;
    const endedAt = preciseNow();
    tracing.record({ service, name, kind: "consumer", context, parentSpanId, startedAt, endedAt, failed });
  }
}
