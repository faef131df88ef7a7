import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { WebSocket } from "ws";
import type { LoadPlan, Seat } from "./plan.ts";

/** What happens to a message, as the pair sees it. Times are those of `performance.now`. */
export interface PairObserver {
  arrived(sentAt: number, now: number): void;
  rejected(code: string): void;
  repeated(): void;
}

interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly code?: string;
  readonly retryAfterMs?: number;
  readonly message?: { readonly id: string; readonly senderId: string };
}

/** A closed loop: `window` messages are under way from one socket to the other until it is stopped. */
export interface Pair {
  start(): void;
  /** Sends nothing more. */
  stop(): void;
  /** How many are still under way. */
  readonly underWay: number;
  close(): void;
}

export async function openPair(
  { sender, recipient }: LoadPlan["pairs"][number],
  { window, bodyLength }: Pick<LoadPlan, "window" | "bodyLength">,
  observer: PairObserver,
): Promise<Pair> {
  const [from, to] = await Promise.all([connect(sender), connect(recipient)]);
  const body = "x".repeat(bodyLength);
  const sentAt = new Map<string, number>();
  const arrivedIds = new Set<string>();
  let running = false;

  function send(): void {
    if (!running) return;
    const id = randomUUID();
    sentAt.set(id, performance.now());
    from.send(JSON.stringify({ type: "message.send", id, to: recipient.userId, body }));
  }

  to.on("message", (data) => {
    const frame = JSON.parse(String(data)) as Frame;
    if (frame.type !== "message.stored" || frame.message?.senderId !== sender.userId) return;
    const { id } = frame.message;
    const start = sentAt.get(id);
    if (start === undefined) {
      if (arrivedIds.has(id)) observer.repeated();
      return;
    }
    sentAt.delete(id);
    arrivedIds.add(id);
    observer.arrived(start, performance.now());
    send();
  });

  from.on("message", (data) => {
    const frame = JSON.parse(String(data)) as Frame;
    if (frame.type !== "message.rejected" || !frame.id || !sentAt.delete(frame.id)) return;
    observer.rejected(frame.code ?? "unknown");
    setTimeout(send, frame.retryAfterMs ?? 1_000);
  });

  return {
    start: () => {
      running = true;
      for (let number = 0; number < window; number++) send();
    },
    stop: () => {
      running = false;
    },
    get underWay() {
      return sentAt.size;
    },
    close: () => {
      from.terminate();
      to.terminate();
    },
  };
}

async function connect({ url, headers }: Seat): Promise<WebSocket> {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false });
  await once(socket, "open", { signal: AbortSignal.timeout(30_000) });
  socket.on("error", (error) => console.error(`A socket failed: ${error.message}`));
  return socket;
}
