import type { Broker } from "@gochat/broker/broker";
import type { ServedSockets } from "@gochat/runtime/socket-server";
import type { Parts } from "./parts.ts";

const everyMs = 25_000;
/** Longer than the time between two requests: clocks differ, and what was in flight then may have been lost. */
const overlapMs = 60_000;

/**
 * A missing message in the middle shows as a gap, a missing tail does not. So every 25 s, and when the broker is
 * back after it was lost, a node asks where the conversations stand that moved lately. Returns the way to stop.
 */
export function startHeadRequests(
  parts: Pick<Parts, "nodeId" | "clock"> & {
    readonly outgoing: { readonly heads: Pick<Parts["outgoing"]["heads"], "add"> };
    readonly broker: Pick<Broker, "onReconnect">;
    readonly sockets: ServedSockets;
  },
): () => void {
  const { nodeId, clock, outgoing, broker, sockets } = parts;
  let lastAsked = clock();

  function ask(): void {
    const now = clock();
    const isAsked =
      sockets.all.size === 0 ||
      outgoing.heads.add({ node: nodeId, since: new Date(lastAsked - overlapMs).toISOString() });
    if (isAsked) lastAsked = now;
  }

  const timer = setInterval(ask, everyMs).unref();
  const stopListening = broker.onReconnect(ask);
  return () => {
    clearInterval(timer);
    stopListening();
  };
}
