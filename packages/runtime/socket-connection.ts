import { isUtf8 } from "node:buffer";
import type { Duplex } from "node:stream";
import { type ErrorCode, errors, GoChatError } from "@gochat/contracts/errors";
import { limits } from "@gochat/contracts/limits";
import { closeCodes } from "@gochat/contracts/sockets/close-codes";
import type { RawData, WebSocket } from "ws";
import { EncodedFrame, encodeFrame } from "./encoded-frame.ts";
import { flushAtEndOfTurn, flushSoon } from "./end-of-turn.ts";
import { ErrorBudget, FloodGuard } from "./flood-guard.ts";
import { isObject, isTooDeep } from "./json-shape.ts";
import type { Logger } from "./logger.ts";
import type { Identity } from "./sessions.ts";
import type { SocketRegistry } from "./socket-registry.ts";
import type { CommonFrame, CompiledPath, Connection } from "./socket-server.ts";

interface SocketConnectionOptions {
  readonly webSocket: WebSocket;
  /** What lies below the WebSocket. */
  readonly socket: Duplex;
  readonly identity: Identity | null;
  readonly caller: string;
  readonly path: CompiledPath;
  readonly registry: SocketRegistry;
  readonly logger: Logger;
  readonly clock: () => number;
  readonly limited: boolean;
}

/** More than this unsent, and the socket is closed: the device catches up later. */
const maxUnsentBytes = 1024 * 1024;
/** So much does not wait for more: it would count as unsent, though its peer may be reading. */
const maxWaitingBytes = 64 * 1024;
/** A peer that does not answer the closing handshake is cut off after this. */
const closeTimeoutMs = 1500;
/** In the pings that ask whether what was sent before them has been received. */
const receivedMark = Buffer.from("received");
let connectionCount = 0;

/** One open socket. Ten thousand of them rest in a process: no timer and no closure but the listeners. */
export class SocketConnection implements Connection<object> {
  readonly id = String(++connectionCount);
  readonly identity: Identity | null;
  readonly caller: string;
  readonly #options: SocketConnectionOptions;
  readonly #webSocket: WebSocket;
  /** Frames that wait for the one whose handler is still at work; undefined while none is. */
  #waiting: RawData[] | undefined;
  #answeredPing = true;
  #onReceived: (() => void) | undefined;
  /** The frames that wait for the end of this turn of the event loop, or a little longer; undefined while there are none. */
  #gathered: Buffer[] | undefined;
  #gatheredBytes = 0;
  #endsWithTurn = false;
  #flood: FloodGuard | undefined;
  #mistakes: ErrorBudget | undefined;

  constructor(options: SocketConnectionOptions) {
    this.#options = options;
    this.#webSocket = options.webSocket;
    this.identity = options.identity;
    this.caller = options.caller;
    const { registry, path } = options;
    registry.add(this);
    this.#webSocket.on("message", (data, isBinary) => this.#receive(data, isBinary));
    this.#webSocket.on("pong", (data) => this.#answered(data));
    // The library closes the socket after an error; there is nothing more to do than not to crash.
    this.#webSocket.on("error", (error) => options.logger.debug({ err: error }, "socket error"));
    this.#webSocket.on("close", () => {
      registry.remove(this);
      this.#waiting = undefined;
      path.closed(this);
    });
    path.open(this);
  }

  get isOpen(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN;
  }

  /** Frames of one turn of the event loop leave together: each write of its own costs more than its frame. */
  send(frame: object | EncodedFrame<object>): void {
    this.#gather(frame);
    if (!this.#gathered || this.#endsWithTurn) return;
    this.#endsWithTurn = true;
    flushAtEndOfTurn(this);
  }

  sendSoon(frame: object | EncodedFrame<object>): void {
    const isFirst = !this.#gathered;
    this.#gather(frame);
    if (this.#gatheredBytes > maxWaitingBytes) this.flush();
    else if (isFirst && this.#gathered) flushSoon(this);
  }

  #gather(frame: object | EncodedFrame<object>): void {
    if (!this.isOpen) return;
    if (this.#webSocket.bufferedAmount + this.#gatheredBytes > maxUnsentBytes)
      return this.close(closeCodes.tryAgainLater, "SLOW_CONSUMER");
    this.#options.path.traffic.framesSent += 1;
    const { bytes } = frame instanceof EncodedFrame ? frame : encodeFrame(frame);
    this.#gatheredBytes += bytes.length;
    this.#gathered ??= [];
    this.#gathered.push(bytes);
  }

  /**
   * Past the library, which would make each frame anew for each socket. It writes its own frames to the same socket: what
   * was gathered goes before them, and nothing after its close frame.
   */
  flush(): void {
    const frames = this.#gathered;
    if (!frames) return;
    this.#gathered = undefined;
    this.#gatheredBytes = 0;
    this.#endsWithTurn = false;
    if (!this.isOpen) return;
    const { socket } = this.#options;
    socket.cork();
    for (const frame of frames) socket.write(frame);
    socket.uncork();
  }

  sendError(code: ErrorCode, detail: string = errors[code].title): void {
    this.send({ type: "error", code, detail } satisfies CommonFrame);
    // What is the server's own fault, or a matter of time, is no mistake of the client.
    if (errors[code].retry !== "never") return;
    this.#mistakes ??= new ErrorBudget();
    if (this.#mistakes.isSpent(this.#options.clock())) this.close(closeCodes.badFrame, "too many bad frames");
  }

  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.#options.path.traffic.closed(code);
    this.flush();
    this.#webSocket.close(code, reason);
    setTimeout(() => this.#webSocket.terminate(), closeTimeoutMs).unref();
  }

  /** Whoever ends the WebSocket answers pings in the order of what came; what is behind it may not have looked yet. */
  whenReceived(callback: () => void): void {
    this.#onReceived = callback;
    this.flush();
    if (this.isOpen) this.#webSocket.ping(receivedMark);
  }

  #answered(data: Buffer): void {
    this.#answeredPing = true;
    if (!data.equals(receivedMark)) return;
    const callback = this.#onReceived;
    this.#onReceived = undefined;
    callback?.();
  }

  /** Called every 15 s: who did not answer the last ping is stalled or gone. */
  ping(): void {
    if (!this.#answeredPing) {
      if (this.#webSocket.bufferedAmount > 0) this.close(closeCodes.tryAgainLater, "SLOW_CONSUMER");
      else this.#webSocket.terminate();
      return;
    }
    this.#answeredPing = false;
    this.flush();
    if (this.isOpen) this.#webSocket.ping();
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (!this.isOpen) return;
    if (isBinary) return this.close(closeCodes.badFrame, "frames are JSON text");
    if (this.#options.limited) {
      this.#flood ??= new FloodGuard();
      if (this.#flood.isFlooding(this.#options.clock())) return this.close(closeCodes.flooding, "FLOODING");
    }
    if (this.#waiting) this.#waiting.push(data);
    else this.#take(data);
  }

  /** Handles a frame; while its promise is pending, later frames wait and the peer is not read. */
  #take(data: RawData): void {
    const pending = this.#handle(data);
    if (!pending) return;
    this.#waiting = [];
    this.#webSocket.pause();
    pending.catch((error: unknown) => this.#failed(error)).finally(() => this.#next());
  }

  #next(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    while (waiting.length > 0 && this.isOpen) {
      this.#take(waiting.shift()!);
      const pausedAgain = this.#waiting as RawData[] | undefined;
      if (pausedAgain) {
        pausedAgain.push(...waiting);
        return;
      }
    }
    if (this.isOpen) this.#webSocket.resume();
  }

  #handle(data: RawData): Promise<void> | undefined {
    const { path } = this.#options;
    const bytes = data as Buffer;
    const refused = path.refuseUnread?.(this, bytes);
    if (refused !== undefined) {
      count(path.traffic.framesReceived, refused);
      return;
    }
    let frame: unknown;
    try {
      if (!isUtf8(bytes)) return this.close(closeCodes.badFrame, "not UTF-8") as undefined;
      frame = JSON.parse(bytes.toString());
    } catch {
      this.close(closeCodes.badFrame, "not JSON");
      return;
    }
    if (!isObject(frame)) return this.close(closeCodes.badFrame, "not an object") as undefined;
    if (isTooDeep(frame, limits.maxFrameDepth))
      return this.close(closeCodes.badFrame, "too deep") as undefined;
    const type = typeof frame.type === "string" ? frame.type : "";
    const validate = path.validators.get(type);
    const handler = path.handlers.get(type);
    count(path.traffic.framesReceived, handler ? type : "unknown");
    try {
      if (!validate || !handler)
        throw new GoChatError("INVALID_INPUT", "This type of frame is not known here.");
      return handler(this, validate(frame) as never) ?? undefined;
    } catch (error) {
      if (!(error instanceof GoChatError) || !path.refuse?.(this, frame, error.detail)) this.#failed(error);
    }
    return;
  }

  #failed(error: unknown): void {
    if (error instanceof GoChatError) return this.sendError(error.code, error.detail);
    this.#options.logger.error({ err: error }, "frame failed");
    this.sendError("INTERNAL");
  }
}

function count(counts: Map<string, number>, label: string): void {
  counts.set(label, (counts.get(label) ?? 0) + 1);
}
