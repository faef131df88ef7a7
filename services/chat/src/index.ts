import { defineService, type RunningService, type ServiceContext } from "@gochat/runtime/service";
import { subscribeHandlers } from "./handlers.ts";
import { startHeadRequests } from "./head-requests.ts";
import { KnownConversations } from "./known-conversations.ts";
import { createMeasures } from "./measures.ts";
import type { NodeLoad } from "./node-load.ts";
import { createOutgoing } from "./outgoing.ts";
import type { Parts } from "./parts.ts";
import { SocketStates } from "./socket-states.ts";
import { serveSockets } from "./sockets.ts";
import { TokenBuckets } from "./token-buckets.ts";
import { TypingThrottle } from "./typing-throttle.ts";

const tidyEveryMs = 5_000;

/** The chat socket: thin, and owning nothing durable. */
export const chat = defineService({ name: "chat", start: startChat });

async function startChat(context: ServiceContext): Promise<RunningService> {
  const { broker, clock, logger, nodeId, settings, trail } = context;
  const buckets = settings.rateLimits ? new TokenBuckets() : undefined;
  const load: NodeLoad = {
    unacknowledged: 0,
    isFull: () => outgoing.sent.some((batcher) => batcher.isFull),
    buckets,
    random: Math.random,
  };
  const states = new SocketStates(load, settings.partitions);
  const measures = createMeasures(context.metrics, load);
  const outgoing = createOutgoing({
    broker,
    partitions: settings.partitions,
    logger,
    trail,
    unacknowledged: () => load.unacknowledged,
    onInvalidMessage({ socket, id }) {
      const state = states.get(socket);
      state?.window.settle(id);
      const detail = "This message cannot be sent.";
      state?.connection.send({ type: "message.rejected", id, code: "INVALID_INPUT", detail });
    },
  });
  const throttle = new TypingThrottle();
  const asking = new TypingThrottle();
  const known = new KnownConversations();
  const parts: Parts = { nodeId, clock, states, outgoing, known, throttle, asking, trail, measures };
  const sockets = serveSockets(context.sockets, parts);
  const headRequests = startHeadRequests({ ...parts, broker, sockets, elapsed: () => performance.now() });
  const stopListening = broker.onReconnect(() => states.expectNoAnswers());
  const subscribed = await subscribeHandlers(broker, { ...parts, sockets, headRequests });
  const tidying = setInterval(() => {
    const now = clock();
    states.forgetOld(now);
    throttle.forgetOld(now);
    asking.forgetOld(now);
    known.forgetOld(now);
    buckets?.forgetFull(now);
  }, tidyEveryMs).unref();

  return {
    async stop() {
      clearInterval(tidying);
      stopListening();
      headRequests.stop();
      await outgoing.stop();
      await Promise.all(subscribed.map((subscription) => subscription.close()));
    },
  };
}
