import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { WebSocket } from "ws";
import type { Told } from "../load/forked.ts";
import { storedFrame } from "../load/gochat-link.ts";
import { connect } from "../load/link.ts";
import { bodyLength } from "../load/loads.ts";
import { percentilesOf } from "../load/tally.ts";
import { yieldCores } from "../load/yield-cores.ts";
import type { OverloadPlan, OverloadResult } from "./plan.ts";

/** Sends more than can be taken, whatever comes back. Forked with a plan; tells its result. */
process.once("message", async (plan: OverloadPlan) => {
  process.send?.({ type: "result", result: await run(plan) } satisfies Told<OverloadResult>);
  process.disconnect?.();
});

const body = "x".repeat(bodyLength);
const drainMs = 30_000;
const mostUnsentBytes = 64 * 1_024;
/** After so long the generator looks at what came: one that only sends would measure its own deafness. */
const busyForMs = 4;
const refusedAfter: number[] = [];
const refused: Record<string, number> = {};
const counts = { attempts: 0, stored: 0, received: 0, heldBack: 0 };
const storedBytes = Buffer.from(storedFrame);

async function run({ pairs, perSecond, seconds, atOnce }: OverloadPlan): Promise<OverloadResult> {
  yieldCores();
  const senders: Sender[] = [];
  for (const { sender, recipient } of pairs) {
    // The recipients are there too: what is stored goes out to them.
    const others = await connect(recipient);
    others.on("message", (data: Buffer) => {
      // Not parsed: that would take from what can be sent.
      if (storedBytes.equals(data.subarray(0, storedBytes.length))) counts.received += 1;
    });
    senders.push(new Sender(await connect(sender), recipient.userId));
  }
  const began = performance.now();
  let due = 0;
  const timer = setInterval(() => {
    const until = ((performance.now() - began) * perSecond) / 1_000;
    const pauseAt = performance.now() + busyForMs;
    for (; due < until && performance.now() < pauseAt; due += atOnce) {
      senders[(due / atOnce) % senders.length]!.attempt(atOnce);
    }
    counts.heldBack += Math.max(0, Math.ceil(until - due));
    due = Math.max(due, Math.ceil(until / atOnce) * atOnce);
  }, 1);
  await sleep(seconds * 1_000);
  clearInterval(timer);
  const storedPerSecond = counts.stored / ((performance.now() - began) / 1_000);
  const deadline = performance.now() + drainMs;
  const unanswered = () => senders.reduce((sum, sender) => sum + sender.unanswered, 0);
  const isUnderWay = () => unanswered() > 0 || counts.received < counts.stored;
  while (isUnderWay() && performance.now() < deadline) await sleep(50);
  const { p50, p99, max } = percentilesOf(refusedAfter);
  const times = { refusedP50: p50, refusedP99: p99, refusedMax: max };
  return { ...counts, storedPerSecond, refused, ...times, unanswered: unanswered() };
}

/** After a refusal the server wants to see the refused message first: order is kept. */
class Sender {
  readonly #sentAt = new Map<string, number>();
  readonly #socket: WebSocket;
  readonly #to: string;
  #again: { readonly id: string; readonly from: number } | undefined;

  constructor(socket: WebSocket, to: string) {
    this.#socket = socket;
    this.#to = to;
    socket.on("message", (data) => this.#answered(JSON.parse(String(data))));
  }

  get unanswered(): number {
    return this.#sentAt.size;
  }

  /** In one write, or the generator would do little else than write. */
  attempt(messages: number): void {
    const { _socket: connection } = this.#socket as unknown as { _socket: Socket };
    connection.cork();
    for (let sent = 0; sent < messages; sent++) this.#attemptOne();
    connection.uncork();
  }

  #attemptOne(): void {
    if (this.#socket.bufferedAmount > mostUnsentBytes) {
      counts.heldBack += 1;
      return;
    }
    const now = performance.now();
    const isDue = this.#again !== undefined && now >= this.#again.from;
    const id = isDue ? this.#again!.id : randomUUID();
    if (isDue) this.#again = undefined;
    counts.attempts += 1;
    this.#sentAt.set(id, now);
    this.#socket.send(JSON.stringify({ type: "message.send", id, to: this.#to, body }));
  }

  #answered(frame: {
    type: string;
    id?: string;
    code?: string;
    retryAfterMs?: number;
    message?: { id: string };
  }): void {
    const id = frame.type === "message.stored" ? frame.message?.id : frame.id;
    const sentAt = id === undefined ? undefined : this.#sentAt.get(id);
    if (id === undefined || sentAt === undefined) return;
    const now = performance.now();
    this.#sentAt.delete(id);
    if (frame.type === "message.stored") counts.stored += 1;
    if (frame.type !== "message.rejected") return;
    const { code = "unknown", retryAfterMs = 1_000 } = frame;
    refused[code] = (refused[code] ?? 0) + 1;
    refusedAfter.push(now - sentAt);
    this.#again ??= { id, from: now + retryAfterMs };
  }
}
