import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import type { Seat } from "../load/plan.ts";
import type { CrowdPlan, CrowdState } from "./plan.ts";

/** A part of a crowd. Forked with a plan; tells its state five times a second, until its parent lets go. */
const frames: Record<string, number> = {};
const closed: Record<string, number> = {};
const counts = { open: 0, failed: 0 };
const firstWaitMs = 1_000;
const longestWaitMs = 30_000;

process.once("message", async (plan: CrowdPlan) => {
  // A parent that has just let go is no error.
  const tell = (state: CrowdState) => process.send?.(state, undefined, undefined, () => {});
  setInterval(() => tell({ ...counts, closed, frames }), 200);
  const waiting = [...plan.seats.entries()];
  async function work(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) await join(next[1], next[0], plan, 0);
  }
  await Promise.all(Array.from({ length: plan.atOnce }, work));
});
process.once("disconnect", () => process.exit());

/** Resolves when the socket is ready, or has failed. */
function join(seat: Seat, number: number, plan: CrowdPlan, attempt: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isReady = false;
  const socket = new WebSocket(seat.url, {
    headers: seat.headers,
    perMessageDeflate: false,
    // One address has some 28,000 ports for connections to the same place.
    localAddress: `127.0.0.${2 + (number % 8)}`,
    handshakeTimeout: 30_000,
  });
  socket.on("message", (data) => {
    const type = /"type":"([^"]+)"/.exec(String(data))?.[1] ?? "unknown";
    frames[type] = (frames[type] ?? 0) + 1;
    if (type === "head" && isNews(greetingOf(plan, number), JSON.parse(String(data)))) {
      frames.news = (frames.news ?? 0) + 1;
    }
    if (type !== "ready") return;
    isReady = true;
    counts.open += 1;
    const greeting = greetingOf(plan, number);
    if (greeting) socket.send(JSON.stringify(greeting));
    resolve();
  });
  socket.on("error", () => {});
  socket.on("close", (code) => {
    if (isReady) {
      counts.open -= 1;
      closed[code] = (closed[code] ?? 0) + 1;
    } else counts.failed += 1;
    resolve();
    if (!plan.comesBack) return;
    const attempts = isReady ? 0 : attempt + 1;
    void sleep(Math.random() * Math.min(longestWaitMs, firstWaitMs * 2 ** attempts)).then(() =>
      join(seat, number, plan, attempts),
    );
  });
  return promise;
}

function greetingOf({ greetings = [] }: CrowdPlan, number: number): object | undefined {
  return greetings[number % greetings.length];
}

/** Whether a head is past what the greeting said of its conversation. */
function isNews(
  greeting: { readonly heads?: Readonly<Record<string, number>> } = {},
  { conversationId, headSeq }: { conversationId: string; headSeq: number },
): boolean {
  return headSeq > (greeting.heads?.[conversationId] ?? 0);
}
