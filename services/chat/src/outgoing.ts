import type { Broker } from "@gochat/broker/broker";
import {
  type HeadsRequested,
  headsRequested,
  type MessageSeen,
  type MessageSent,
  messageSeen,
  messageSent,
  type TypingStarted,
  typingStarted,
} from "@gochat/contracts/events/message-events";
import type { Logger } from "@gochat/runtime/logger";
import { preciseNow } from "@gochat/runtime/tracing";
import type { Trail } from "@gochat/runtime/trail";
import { Batcher } from "./batcher.ts";
import { maxUnacknowledgedPerNode } from "./node-load.ts";

/** Everything that the sockets of this node have to say to the broker. */
export interface Outgoing {
  /** One for each partition. */
  readonly sent: readonly Batcher<MessageSent>[];
  readonly seen: readonly Batcher<MessageSeen>[];
  readonly typing: Batcher<TypingStarted>;
  readonly heads: Batcher<HeadsRequested>;
  stop(): Promise<void>;
}

interface OutgoingOptions {
  readonly partitions: number;
  readonly broker: Broker;
  readonly logger: Logger;
  readonly trail: Trail;
  /** Messages of this node that nobody has answered yet. */
  readonly unacknowledged: () => number;
  readonly onInvalidMessage: (event: MessageSent) => void;
}

/** Resends included, so more than a node's unacknowledged messages. */
const maxQueuedPerPartition = 2 * maxUnacknowledgedPerNode;
const maxQueuedOthers = 1_000;
const maxHeadsRequests = 50;
const stopGraceMs = 5_000;
/**
 * So many unanswered messages say that they wait in line somewhere behind. Then fewer, larger batches shorten the line
 * for everybody: what a batch costs the broker and all that read it is mostly the same for one message as for fifty.
 */
const busyFrom = 100;
const busyPauseMs = 20;

export function createOutgoing(options: OutgoingOptions): Outgoing {
  const { broker, logger, trail, unacknowledged, onInvalidMessage } = options;
  const keys = Array.from({ length: options.partitions }, (_, partition) => partition);
  const sent = keys.map(
    (key) =>
      new Batcher<MessageSent>({
        publish: (events) => publishSent(events, key),
        maxQueued: maxQueuedPerPartition,
        keepsTrying: true,
        pauseMs: () => (unacknowledged() >= busyFrom ? busyPauseMs : 0),
        onInvalid: onInvalidMessage,
        logger,
      }),
  );
  const seen = keys.map(
    (key) =>
      new Batcher<MessageSeen>({
        publish: (events) => broker.publish(messageSeen, events, { key }),
        maxQueued: maxQueuedOthers,
        keepsTrying: true,
        logger,
      }),
  );
  const typing = new Batcher<TypingStarted>({
    publish: (events) => broker.publish(typingStarted, events),
    maxQueued: maxQueuedOthers,
    keepsTrying: false,
    logger,
  });
  const heads = new Batcher<HeadsRequested>({
    publish: (events) => broker.publish(headsRequested, events),
    maxQueued: maxQueuedOthers,
    maxEvents: maxHeadsRequests,
    keepsTrying: true,
    logger,
  });

  async function publishSent(events: readonly MessageSent[], key: number): Promise<void> {
    const startedAt = preciseNow();
    await broker.publish(messageSent, events, { key });
    for (const { id, trace } of events) {
      if (!trail.follows(trace)) continue;
      const fields = { partition: key, batch: events.length };
      trail.step(id, trace, { name: "message published", kind: "producer", startedAt, fields });
    }
  }

  return {
    sent,
    seen,
    typing,
    heads,
    async stop() {
      await Promise.all([...sent, ...seen, typing, heads].map((batcher) => batcher.stop(stopGraceMs)));
    },
  };
}
