import type { Broker, Delivery, PublishOptions, Subscribed, Subscription } from "@gochat/broker/broker";
import type { EventContract, EventOf, ServiceName } from "@gochat/contracts/events/event";
import type { Logger } from "./logger.ts";
import { durationBuckets, type Metrics, sizeBuckets } from "./metrics.ts";
import { newSpanId, parseTraceparent } from "./trace-context.ts";
import { preciseNow, type Tracing } from "./tracing.ts";

interface Observing {
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  readonly logger: Logger;
}

/** A broker that measures what goes through it: the work of a batch, never that of a single event. */
export function observeBroker(broker: Broker, { metrics, tracing, logger }: Observing): Broker {
  const measures = createMeasures(broker, metrics);

  /** What came about by a request goes on in its trace. Messages have traces of their own: see trail.ts. */
  function follow(
    { service, event }: Consumer["labels"],
    { traces, startedAt, failed }: { traces: readonly string[]; startedAt: number; failed: boolean },
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
      const labels = { service: subscription.service, event: subscription.contract.name };
      const consumer: Consumer = { labels, since: undefined };
      measures.consumers.add(consumer);
      measures.batchFailures.inc(labels, 0);
      async function handle(events: EventOf<Contract>[], delivery: Delivery<EventOf<Contract>>) {
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
          follow(labels, { traces: delivery.traces, startedAt, failed });
        }
      }
      return broker.subscribe({ ...subscription, handle });
    },
  };
}

/** One subscription: it has one batch in hand at a time. */
interface Consumer {
  readonly labels: { readonly service: ServiceName; readonly event: string };
  /** When the oldest envelope in hand was published, in milliseconds since 1970. */
  since: number | undefined;
}

function createMeasures(broker: Broker, metrics: Metrics) {
  const consumers = new Set<Consumer>();
  const labels = ["service", "event"] as const;
  const depths = onceAPage(() => broker.depths());

  metrics.gauge({
    name: "gochat_consumer_lag_seconds",
    help: "Age of the oldest event that is being handled, or tried again; 0 where nothing is.",
    labels,
    collect(gauge) {
      const now = Date.now();
      const lags = new Map<string, number>();
      for (const { labels, since = now } of consumers) {
        const key = `${labels.service} ${labels.event}`;
        lags.set(key, Math.max(lags.get(key) ?? 0, now - since));
        gauge.set(labels, lags.get(key)! / 1000);
      }
    },
  });
  metrics.gauge({
    name: "gochat_queue_envelopes",
    help: "Envelopes that wait in a queue which this process consumes.",
    labels: ["queue"],
    async collect(gauge) {
      for (const { queue, envelopes } of await depths()) gauge.inc({ queue }, envelopes);
    },
  });
  metrics.gauge({
    name: "gochat_dead_letters",
    help: "What is kept in, or behind, a queue for a person to look at because nobody could handle it.",
    labels: ["queue"],
    async collect(gauge) {
      for (const { queue, deadLetters } of await depths()) gauge.inc({ queue }, deadLetters);
    },
  });

  const publishFailures = metrics.counter({
    name: "gochat_publish_failures_total",
    help: "Publications that the broker refused or did not confirm in time.",
    labels: ["event"],
  });
  const willPublish = new Set<string>();

  return {
    consumers,
    publishFailures,
    /** A counter that is there before it counts: the first failure is a rise, too. */
    willPublish(event: string) {
      if (willPublish.has(event)) return;
      willPublish.add(event);
      publishFailures.inc({ event }, 0);
    },
    published: metrics.counter({
      name: "gochat_events_published_total",
      help: "Events that the broker confirmed.",
      labels: ["event"],
    }),
    publishSeconds: metrics.histogram({
      name: "gochat_publish_duration_seconds",
      help: "From a publication to its confirmation.",
      labels: ["event"],
      buckets: durationBuckets,
    }),
    batchEvents: metrics.histogram({
      name: "gochat_batch_events",
      help: "Events in a delivered batch.",
      labels,
      buckets: sizeBuckets,
    }),
    batchSeconds: metrics.histogram({
      name: "gochat_batch_duration_seconds",
      help: "What handling a batch takes.",
      labels,
      buckets: durationBuckets,
    }),
    batchFailures: metrics.counter({
      name: "gochat_batch_failures_total",
      help: "Batches whose handler threw, and which come again.",
      labels,
    }),
  };
}

/** Asks once for all that want to know within the same moment: a broker over the network is asked queue by queue. */
function onceAPage<Result>(ask: () => Promise<Result>): () => Promise<Result> {
  let answer: Promise<Result> | undefined;
  return () => {
    answer ??= ask().finally(() => {
      answer = undefined;
    });
    return answer;
  };
}
