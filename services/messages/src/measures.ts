import { durationBuckets, type Metrics, sizeBuckets } from "@gochat/runtime/metrics";

export type Measures = ReturnType<typeof createMeasures>;

/** What this process tells of the messages that it stores. */
export function createMeasures(metrics: Metrics) {
  return {
    stored: metrics.counter({
      name: "gochat_messages_stored_total",
      help: "Messages that were committed to disk.",
    }),
    replayed: metrics.counter({
      name: "gochat_messages_replayed_total",
      help: "Messages that came again and were stored already.",
    }),
    rejected: metrics.counter({
      name: "gochat_messages_rejected_total",
      help: "Messages that were not stored, by the code that their sender was told.",
      labels: ["code"],
    }),
    batchMessages: metrics.quickHistogram({
      name: "gochat_store_batch_messages",
      help: "Messages in a batch that was stored.",
      buckets: sizeBuckets,
    }),
    storeSeconds: metrics.quickHistogram({
      name: "gochat_store_duration_seconds",
      help: "What storing a batch takes, waiting for a database that does not answer included.",
      buckets: durationBuckets,
    }),
    receivedToStored: metrics.quickHistogram({
      name: "gochat_message_received_to_stored_seconds",
      help: "From the frame of the sender to the commit. By the clocks of two machines where they differ.",
      buckets: durationBuckets,
    }),
    unannounced: metrics.gauge({
      name: "gochat_conversations_unannounced",
      help: "Conversations in which this process, at its last look at all of them, found messages that nobody had announced for some seconds.",
    }),
  };
}
