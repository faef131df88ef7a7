import type { Broker } from "@gochat/broker/broker";
import type { ServedSockets } from "@gochat/runtime/socket-server";
import type { Parts } from "./parts.ts";

const everyMs = 25_000;
/** Clocks differ, and what was in flight then may have been lost. */
const overlapMs = 60_000;

export interface HeadRequests {
  /** All that moved before this time is answered. */
  answered(asOf: string): void;
  stop(): void;
}

/**
 * A missing message in the middle shows as a gap, a missing tail does not. So every 25 s, and when the broker is
 * back after it was lost, a node asks where the conversations stand that moved since it was last answered: however long
 * nothing reached it, nothing is left out.
 */
export function startHeadRequests(
  parts: Pick<Parts, "nodeId" | "clock"> & {
    readonly outgoing: { readonly heads: Pick<Parts["outgoing"]["heads"], "add"> };
    readonly broker: Pick<Broker, "onReconnect">;
    readonly sockets: Pick<ServedSockets, "all">;
  },
): HeadRequests {
  const { nodeId, clock, outgoing, broker, sockets } = parts;
  let coveredUntil = clock();
  let backSince = coveredUntil;

  function ask(more: { reads?: true } = {}): void {
    const now = clock();
    // Whoever connects asks for everything.
    if (sockets.all.size === 0) coveredUntil = now;
    else
      outgoing.heads.add({
        node: nodeId,
        since: toTime(coveredUntil - overlapMs),
        asOf: toTime(now),
        ...more,
      });
  }

  const timer = setInterval(() => ask(), everyMs).unref();
  const stopListening = broker.onReconnect(() => {
    backSince = clock();
    // What was read meanwhile shows in no position of the log.
    ask({ reads: true });
  });
  return {
    answered(asOf) {
      const time = Date.parse(asOf);
      // Of an answer to what was asked before the connection was lost, a part may be lost too.
      if (time >= backSince) coveredUntil = Math.max(coveredUntil, time);
    },
    stop() {
      clearInterval(timer);
      stopListening();
    },
  };
}

function toTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
