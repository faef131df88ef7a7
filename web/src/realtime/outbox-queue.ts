import { limits } from "@gochat/contracts/limits";

/** A message on its way, as it lies in the outbox. */
export interface OutboxEntry {
  readonly id: string;
  readonly userId: string;
  readonly to: string;
  readonly conversationId: string;
  readonly body: string;
  /** Milliseconds since 1970 on this device. */
  readonly writtenAt: number;
  /** Present when the server refused it for good: why. */
  readonly failure?: string;
}

const resendAfterMs = 10_000;

/** What is to be done now. */
interface Due {
  readonly send: readonly OutboxEntry[];
  /** When to ask again, milliseconds since 1970; null when only an answer or a new message changes anything. */
  readonly askAgainAt: number | null;
  /** Whether something went unanswered twice: the connection is probably dead. */
  readonly isStale: boolean;
}

interface Flight {
  readonly sentAt: number;
  readonly attempts: number;
}

/**
 * Decides what to send when; it neither sends nor waits. In each conversation one message is on its way at a time,
 * since a server that refuses one for now (`BUSY`) may take the next one, and then their order would be lost.
 */
export interface OutboxQueue {
  add(entry: OutboxEntry): void;
  /** It is stored, refused or withdrawn. Returns it if it was here. */
  remove(id: string): OutboxEntry | undefined;
  /** The server is busy: this one and everything after it waits until `until`. */
  hold(id: string, until: number): void;
  /** The connection is new: nothing is on its way any more. */
  reconnected(): void;
  due(now: number): Due;
}

export function createOutboxQueue(): OutboxQueue {
  const entries = new Map<string, OutboxEntry>();
  const flights = new Map<string, Flight>();
  let heldUntil = 0;

  function due(now: number): Due {
    if (now < heldUntil) return { send: [], askAgainAt: entries.size > 0 ? heldUntil : null, isStale: false };
    const send: OutboxEntry[] = [];
    const seen = new Set<string>();
    let askAgainAt = Number.POSITIVE_INFINITY;
    let isStale = false;
    for (const entry of entries.values()) {
      if (seen.has(entry.conversationId)) continue;
      if (seen.size === limits.maxUnacknowledged) break;
      seen.add(entry.conversationId);
      const flight = flights.get(entry.id);
      if (!flight || now - flight.sentAt >= resendAfterMs) {
        isStale ||= flight !== undefined && flight.attempts > 1;
        send.push(entry);
        flights.set(entry.id, { sentAt: now, attempts: (flight?.attempts ?? 0) + 1 });
      }
      askAgainAt = Math.min(askAgainAt, (flights.get(entry.id)?.sentAt ?? now) + resendAfterMs);
    }
    return { send, askAgainAt: Number.isFinite(askAgainAt) ? askAgainAt : null, isStale };
  }

  return {
    add(entry) {
      if (!entries.has(entry.id)) entries.set(entry.id, entry);
    },
    remove(id) {
      const entry = entries.get(id);
      entries.delete(id);
      flights.delete(id);
      return entry;
    },
    hold(id, until) {
      flights.delete(id);
      heldUntil = Math.max(heldUntil, until);
    },
    reconnected() {
      flights.clear();
      heldUntil = 0;
    },
    due,
  };
}
