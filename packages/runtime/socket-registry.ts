import { setTimeout as delay } from "node:timers/promises";
import { closeCodes } from "@gochat/contracts/sockets/close-codes";
import type { SocketConnection } from "./socket-connection.ts";
import type { CommonFrame, ServedSockets } from "./socket-server.ts";

/** Twice within the 30 s after which a socket that is stalled is closed. */
const pingEverySeconds = 15;
/** People whose node goes away come back spread over this time, at most; a few sockets need no spreading. */
const maxReconnectSpreadMs = 10_000;
const reconnectSpreadPerSocketMs = 5;
const slices = 10;
const nobody: ReadonlySet<SocketConnection> = new Set();

/** The open sockets of one path, found by person, by session and by caller; pings them, a slice each second. */
export class SocketRegistry implements ServedSockets<object> {
  readonly all = new Set<SocketConnection>();
  readonly #byUser = new Map<string, Set<SocketConnection>>();
  readonly #bySession = new Map<string, Set<SocketConnection>>();
  readonly #byCaller = new Map<string, number>();
  readonly #pingSlices: Set<SocketConnection>[] = Array.from({ length: pingEverySeconds }, () => new Set());
  #pingTimer: NodeJS.Timeout | undefined;
  #second = 0;
  #added = 0;

  of(userId: string): ReadonlySet<SocketConnection> {
    return this.#byUser.get(userId) ?? nobody;
  }

  countOf(caller: string): number {
    return this.#byCaller.get(caller) ?? 0;
  }

  add(connection: SocketConnection): void {
    this.#pingTimer ??= setInterval(() => this.#pingNextSlice(), 1000).unref();
    this.all.add(connection);
    this.#pingSlices[this.#added++ % pingEverySeconds]!.add(connection);
    this.#byCaller.set(connection.caller, this.countOf(connection.caller) + 1);
    if (!connection.identity) return;
    addTo(this.#byUser, connection.identity.userId, connection);
    addTo(this.#bySession, connection.identity.sessionId, connection);
  }

  remove(connection: SocketConnection): void {
    this.all.delete(connection);
    for (const slice of this.#pingSlices) if (slice.delete(connection)) break;
    const count = this.countOf(connection.caller) - 1;
    if (count > 0) this.#byCaller.set(connection.caller, count);
    else this.#byCaller.delete(connection.caller);
    if (!connection.identity) return;
    removeFrom(this.#byUser, connection.identity.userId, connection);
    removeFrom(this.#bySession, connection.identity.sessionId, connection);
  }

  closeSession(sessionId: string): void {
    for (const connection of [...(this.#bySession.get(sessionId) ?? [])]) {
      connection.close(closeCodes.sessionEnded, "SESSION_EXPIRED");
    }
  }

  askToReconnect(): void {
    const spread = this.#spreadMs();
    for (const connection of this.all) {
      const afterMs = Math.round(Math.random() * spread);
      connection.send({ type: "reconnect", afterMs } satisfies CommonFrame);
    }
  }

  async drain(code: number): Promise<void> {
    clearInterval(this.#pingTimer);
    const open = [...this.all];
    const spread = this.#spreadMs();
    this.askToReconnect();
    const size = Math.ceil(open.length / slices);
    for (let from = 0; from < open.length; from += size) {
      for (const connection of open.slice(from, from + size)) connection.close(code, "going away");
      await delay(spread / slices / 5);
    }
  }

  #spreadMs(): number {
    return Math.min(maxReconnectSpreadMs, this.all.size * reconnectSpreadPerSocketMs);
  }

  #pingNextSlice(): void {
    this.#second = (this.#second + 1) % pingEverySeconds;
    for (const connection of this.#pingSlices[this.#second]!) connection.ping();
  }
}

function addTo<Value>(index: Map<string, Set<Value>>, key: string, value: Value): void {
  const values = index.get(key);
  if (values) values.add(value);
  else index.set(key, new Set([value]));
}

function removeFrom<Value>(index: Map<string, Set<Value>>, key: string, value: Value): void {
  const values = index.get(key);
  values?.delete(value);
  if (values?.size === 0) index.delete(key);
}
