import type { ErrorCode } from "@gochat/contracts/errors";
import { durationBuckets, type Metrics } from "@gochat/runtime/metrics";
import { timeOf } from "@gochat/runtime/time-text";
import type { NodeLoad } from "./node-load.ts";

export type Measures = ReturnType<typeof createMeasures>;

/** What this node tells of the messages that go through it. */
export function createMeasures(metrics: Metrics, load: Pick<NodeLoad, "unacknowledged">) {
  metrics.gauge({
    name: "gochat_messages_unacknowledged",
    help: "Messages that sockets of this node sent and nobody has answered yet.",
    collect: (gauge) => gauge.set(load.unacknowledged),
  });
  const refused = new Map<ErrorCode, number>();
  metrics.counter({
    name: "gochat_messages_refused_total",
    help: "Messages that a chat node refused at once, by the code of the error.",
    labels: ["code"],
    collect(counter) {
      for (const [code, count] of refused) counter.inc({ code }, count);
    },
  });
  const storedToDelivered = metrics.quickHistogram({
    name: "gochat_message_stored_to_delivered_seconds",
    help: "From the time of a message on disk to its frame for the sockets of this node. By two clocks.",
    buckets: durationBuckets,
  });
  const receivedToDelivered = metrics.quickHistogram({
    name: "gochat_message_received_to_delivered_seconds",
    help: "From the frame of the sender to the frame that says it is stored, on the sender's node.",
    buckets: durationBuckets,
  });
  return {
    /** By an addition alone: under too much they are many. */
    refused: (code: ErrorCode) => refused.set(code, (refused.get(code) ?? 0) + 1),
    /** `receivedAt`: where the sender's socket is on this node, so that one clock says both times. */
    delivered(now: number, storedAt: string, receivedAt: number | undefined) {
      storedToDelivered.observe(Math.max(0, now - timeOf(storedAt)) / 1000);
      if (receivedAt !== undefined) receivedToDelivered.observe(Math.max(0, now - receivedAt) / 1000);
    },
  };
}
