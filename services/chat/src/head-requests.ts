import type { Broker } from "@gochat/broker/broker";
import type { ServedSockets } from "@gochat/runtime/socket-server";
import type { Parts } from "./parts.ts";

const everyMs = 25_000;
/** What was in flight then may have been lost, and the span is counted back from when the request is read. */
const overlapMs = 60_000;
/** A request that waited longer than this for its answer may have been answered for too late a span. */
const lateAfterMs = 30_000;

export interface HeadRequests {
  /** All that moved before the request was made is answered; `asOf` is the time that the request carried. */
  answered(asOf: number): void;
  stop(): void;
}

/**
 * A missing message in the middle shows as a gap, a missing tail does not. So every 25 s, and when the broker is
 * back after it was lost, a node asks where the conversations stand that moved since it was last answered: however long
 * nothing reached it, nothing is left out. It asks for a span, counted by its own clock, and never for a time of the day:
 * the clocks of two machines may be minutes apart.
 */
export function startHeadRequests(
  parts: Pick<Parts, "nodeId"> & {
    readonly outgoing: { readonly heads: Pick<Parts["outgoing"]["heads"], "add"> };
    readonly broker: Pick<Broker, "onReconnect">;
    readonly sockets: Pick<ServedSockets, "all">;
    /** Milliseconds since any fixed moment. It must not jump when the clock of the machine is set. */
    readonly elapsed: () => number;
  },
): HeadRequests {
  const { nodeId, elapsed, outgoing, broker, sockets } = parts;
  let coveredUntil = elapsed();
  let backSince = coveredUntil;

  function ask(more: { reads?: true } = {}): void {
    const now = elapsed();
    // Whoever connects asks for everything.
    if (sockets.all.size === 0) coveredUntil = now;
    else
      outgoing.heads.add({
        node: nodeId,
        spanMs: Math.ceil(now - coveredUntil) + overlapMs,
        asOf: now,
        ...more,
      });
  }

  const timer = setInterval(() => ask(), everyMs).unref();
  const stopListening = broker.onReconnect(() => {
    backSince = elapsed();
    // What was read meanwhile shows in no position of the log.
    ask({ reads: true });
  });
  return {
    answered(asOf) {
      // Of an answer to what was asked before the connection was lost, a part may be lost too.
      const isWhole = asOf >= backSince && elapsed() - asOf <= lateAfterMs;
      if (isWhole) coveredUntil = Math.max(coveredUntil, asOf);
    },
    stop() {
      clearInterval(timer);
      stopListening();
    },
  };
}
