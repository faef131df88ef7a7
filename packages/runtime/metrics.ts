import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { QuickHistogram } from "./quick-histogram.ts";

export type { Counter, Gauge, Histogram } from "prom-client";

/** The metrics of a process, named as Prometheus asks: a unit at the end, `_total` behind what only grows. */
export interface Metrics {
  /** `collect` is called for each page, and sets all of the value: for what is counted elsewhere. */
  counter<Label extends string = never>(
    options: MetricOptions<Label> & { collect?: (counter: Counter<Label>) => void },
  ): Counter<Label>;
  /** As for a counter; where `collect` rejects, the gauge is left out of that page. */
  gauge<Label extends string = never>(
    options: MetricOptions<Label> & { collect?: (gauge: Gauge<Label>) => void | Promise<void> },
  ): Gauge<Label>;
  histogram<Label extends string = never>(
    options: MetricOptions<Label> & { buckets: readonly number[] },
  ): Histogram<Label>;
  /** Without labels, for what happens to every message. */
  quickHistogram(options: {
    readonly name: string;
    readonly help: string;
    readonly buckets: readonly number[];
  }): QuickHistogram;
  /** What a scrape gets. */
  page(): Promise<{ readonly contentType: string; readonly text: string }>;
}

interface MetricOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  /** Few values each: never an id of a person, a conversation or a message. */
  readonly labels?: readonly Label[];
}

/** In seconds, from what a quick machine does to what nobody waits for. */
export const durationBuckets: readonly number[] = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10,
];

/** Events, envelopes or messages in a batch. */
export const sizeBuckets: readonly number[] = [1, 2, 5, 10, 20, 50, 100, 200, 500];

/** `ofProcess`: also memory, CPU and the delay of the event loop. */
export function createMetrics({ ofProcess = false } = {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (ofProcess) collectDefaultMetrics({ register: registry });
  return {
    counter({ labels: labelNames = [], collect, ...options }) {
      return new Counter({
        ...options,
        labelNames,
        registers,
        ...(collect && {
          collect() {
            this.reset();
            collect(this);
          },
        }),
      });
    },
    gauge({ labels: labelNames = [], collect, ...options }) {
      return new Gauge({
        ...options,
        labelNames,
        registers,
        ...(collect && {
          async collect() {
            this.reset();
            try {
              await collect(this);
            } catch {
              // One part that does not answer must not hide all the others.
              if (labelNames.length > 0) this.reset();
              else this.remove();
            }
          },
        }),
      });
    },
    histogram({ labels: labelNames = [], buckets, ...options }) {
      return new Histogram({ ...options, labelNames, buckets: [...buckets], registers });
    },
    quickHistogram({ buckets, ...described }) {
      const histogram = new QuickHistogram(buckets);
      histogram.register(registry, described);
      return histogram;
    },
    async page() {
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
