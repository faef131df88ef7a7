import { randomUUID } from "node:crypto";
import { openGoChatLink } from "./gochat-link.ts";
import type { Link, LinkObserver } from "./link.ts";
import type { LoadPlan, Seat } from "./plan.ts";
import { openXmppLink } from "./xmpp-link.ts";

/** What happens to a message. Times are those of `performance.now`; `at` is when it was to be sent. */
export interface PairObserver {
  arrived(pair: Pair, at: number, now: number): void;
  rejected(pair: Pair, id: string, code: string, retryAfterMs: number): void;
  repeated(): void;
}

/** Two people: messages go from one to the other. */
export interface Pair {
  /** Sends a new message that was to be sent then. */
  send(at: number): void;
  /** Sends a message again that was refused. */
  resend(id: string): void;
  /** How many are still under way. */
  readonly underWay: number;
  close(): void;
}

const openers: Record<LoadPlan["protocol"], (seat: Seat, observer: LinkObserver) => Promise<Link>> = {
  gochat: openGoChatLink,
  xmpp: openXmppLink,
};

export async function openPair(
  { sender, recipient }: LoadPlan["pairs"][number],
  { protocol, bodyLength }: Pick<LoadPlan, "protocol" | "bodyLength">,
  observer: PairObserver,
): Promise<Pair> {
  const body = "x".repeat(bodyLength);
  const underWay = new Map<string, number>();
  const arrivedIds = new Set<string>();
  const open = openers[protocol];

  const [from, to] = await Promise.all([
    open(sender, {
      rejected: (id, code, retryAfterMs) => {
        if (underWay.has(id)) observer.rejected(pair, id, code, retryAfterMs);
      },
    }),
    open(recipient, {
      stored: (senderId, id) => {
        if (senderId !== sender.userId) return;
        const at = underWay.get(id);
        if (at === undefined) {
          if (arrivedIds.has(id)) observer.repeated();
          return;
        }
        underWay.delete(id);
        arrivedIds.add(id);
        observer.arrived(pair, at, performance.now());
      },
      rejected: () => {},
    }),
  ]);

  const pair: Pair = {
    send: (at) => {
      const id = randomUUID();
      underWay.set(id, at);
      from.send(id, recipient.userId, body);
    },
    resend: (id) => from.send(id, recipient.userId, body),
    get underWay() {
      return underWay.size;
    },
    close: () => {
      from.close();
      to.close();
    },
  };
  return pair;
}
