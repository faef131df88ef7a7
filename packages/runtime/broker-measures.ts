import type { Broker } from "@gochat/broker/broker";
import type { ServiceName } from "@gochat/contracts/events/event";
import { durationBuckets, type Metrics, sizeBuckets } from "./metrics.ts";

/** One subscription: it has one batch in hand at a time. */
export interface Consumer {
  readonly labels: { readonly service: ServiceName; readonly event: string };
  /** When the oldest envelope in hand was published, in milliseconds since 1970. */
  since: number | undefined;
}

export type BrokerMeasures = ReturnType<typeof createBrokerMeasures>;

export function createBrokerMeasures(broker: Broker, metrics: Metrics) {
  const consumers = new Set<Consumer>();
  showLag(consumers, metrics);
  showQueues(broker, metrics);
  return { consumers, ...publicationMeasures(metrics), ...batchMeasures(metrics) };
}

function showLag(consumers: ReadonlySet<Consumer>, metrics: Metrics): void {
  metrics.gauge({
    name: "gochat_consumer_lag_seconds",
    help: "Age of the oldest event that is being handled, or tried again; 0 where nothing is.",
    labels: ["service", "event"],
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
}

function showQueues(broker: Broker, metrics: Metrics): void {
  const depths = onceAPage(() => broker.depths());
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
}

function publicationMeasures(metrics: Metrics) {
  const publishFailures = metrics.counter({
    name: "gochat_publish_failures_total",
    help: "Publications that the broker refused or did not confirm in time.",
    labels: ["event"],
  });
  const willPublish = new Set<string>();
  return {
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
  };
}

function batchMeasures(metrics: Metrics) {
  const labels = ["service", "event"] as const;
  return {
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
