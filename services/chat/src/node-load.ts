import type { ErrorCode } from "@gochat/contracts/errors";
import { limits } from "@gochat/contracts/limits";
import type { TokenBuckets } from "./token-buckets.ts";

export const maxUnacknowledgedPerNode = 4_000;
const busyForMs = 500;
/** Where the node is busy: spread, or all would come back at once, and find it idle and then full. */
const leastBusyMs = 100;
const mostBusyMs = 600;
/** Longer than most round trips, so that what a client had already sent behind a refused message is refused too. */
const limitedForMs = 1_000;

/** What all windows of a node have in common. */
export interface NodeLoad {
  unacknowledged: number;
  /** Whether no more may be queued for the broker. */
  isFull(): boolean;
  /** Undefined where rates are not limited. */
  readonly buckets: TokenBuckets | undefined;
  /** From 0 to below 1. */
  random(): number;
}

export interface Refusal {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryAfterMs: number;
}

/** Why the node can't take a message at this time, if so. `underWay`: of its socket; absent where it is one of them. */
export function refusalFor(
  { unacknowledged, isFull, buckets, random }: NodeLoad,
  { userId, underWay }: { userId: string; underWay?: number },
  now: number,
): Refusal | undefined {
  if (underWay !== undefined && underWay >= limits.maxUnacknowledged) {
    return busy("Too many messages of this socket wait for their answers.", busyForMs);
  }
  if ((underWay !== undefined && unacknowledged >= maxUnacknowledgedPerNode) || isFull()) {
    return busy("Too busy right now.", Math.round(leastBusyMs + random() * (mostBusyMs - leastBusyMs)));
  }
  const waitMs = buckets?.take(userId, now) ?? 0;
  if (waitMs === 0) return undefined;
  return {
    code: "RATE_LIMITED",
    detail: `At most ${limits.messagesPerSecond} messages a second.`,
    retryAfterMs: Math.max(limitedForMs, waitMs),
  };
}

function busy(detail: string, retryAfterMs: number): Refusal {
  return { code: "BUSY", detail, retryAfterMs };
}
