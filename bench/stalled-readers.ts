import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { WebSocket } from "ws";
import { type FilledPerson, seatOf } from "./fill/people.ts";
import { connect } from "./load/link.ts";
import type { Target } from "./target.ts";

/** Devices that are written to all the time, and that read it until they are told not to. */
export interface StalledReaders extends AsyncDisposable {
  /** How many the server has closed for being slow. */
  readonly closed: number;
  stopReading(): void;
  /** Resolves with the time from `stopReading` to the last close behind it, when all are closed or the time is over. */
  untilAllClosed(timeoutMs: number): Promise<number>;
}

/** As long as a message may be, in two bytes a character: so buffers are soon full. */
const body = "é".repeat(4_000);
/** Forty messages a second of each writer fill the 5 MB that kernel and process hold for a device in some 16 s. */
const pauseMs = 50;
const mostUnderWay = 2;

/** Connects so many devices of each, and writes to these people until all are closed. */
export async function floodReaders(
  target: Target,
  people: readonly FilledPerson[],
  writers: readonly FilledPerson[],
  devicesEach: number,
): Promise<StalledReaders> {
  const devices = people.flatMap((person) => Array.from({ length: devicesEach }, () => person));
  const readers = await Promise.all(devices.map((person) => openReader(target, person)));
  const before = await closedAsSlow(target);
  let closed = 0;
  let stoppedAt = performance.now();
  let lastClosedAt = stoppedAt;
  let isOver = false;

  async function watch(): Promise<void> {
    while (!isOver && closed < devices.length) {
      const now = (await closedAsSlow(target)) - before;
      if (now > closed) lastClosedAt = performance.now();
      closed = now;
      await sleep(200);
    }
  }

  async function write(writer: FilledPerson, number: number): Promise<void> {
    const socket = await connect(seatOf(target, writer));
    let underWay = 0;
    socket.on("message", (data) => {
      const { type } = JSON.parse(String(data)) as { type: string };
      if (type === "message.stored" || type === "message.rejected") underWay -= 1;
    });
    const { id: to } = people[number]!;
    while (!isOver && closed < devices.length) {
      for (; underWay < mostUnderWay; underWay++) {
        socket.send(JSON.stringify({ type: "message.send", id: randomUUID(), to, body }));
      }
      await sleep(pauseMs);
    }
    socket.terminate();
  }

  const working = [watch(), ...writers.map(write)];
  return {
    get closed() {
      return closed;
    },
    stopReading() {
      stoppedAt = performance.now();
      lastClosedAt = stoppedAt;
      for (const socket of readers) socket.pause();
    },
    async untilAllClosed(timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      while (closed < devices.length && performance.now() < deadline) await sleep(50);
      return lastClosedAt - stoppedAt;
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      await Promise.all(working);
      for (const socket of readers) socket.terminate();
    },
  };
}

async function openReader(target: Target, person: FilledPerson): Promise<WebSocket> {
  const socket = await connect(seatOf(target, person));
  socket.on("message", () => {});
  return socket;
}

/** The server's own count: who has stopped reading does not hear of the end either. */
async function closedAsSlow({ url }: Target): Promise<number> {
  const answer = await fetch(`${url}/metrics`);
  const counts = (await answer.text()).matchAll(/^gochat_sockets_closed_total\{.*code="1013".*\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}
