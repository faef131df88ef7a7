import { WebSocket } from "ws";
import type { HistoryWriter } from "../history-file.ts";
import type { Random } from "./random.ts";

/** A received frame, not yet looked at. */
// biome-ignore lint/suspicious/noExplicitAny: what arrives is judged by the checker, not here.
export type Frame = { type: string } & Record<string, any>;

export interface SocketOptions {
  readonly kind: "chat" | "online";
  readonly device: string;
  readonly history: HistoryWriter;
  readonly random: Random;
  /** Asked at each attempt. */
  address(): { url: string; cookie: string; origin: string };
  onReady(): void;
  onFrame(frame: Frame): void;
  /** The upgrade was refused because nobody is signed in. */
  onUnauthenticated(): Promise<void>;
}

const handshakeMs = 5_000;
/** The server pings every 15 s: who hears nothing for longer than two of them is not connected. */
const silentMs = 35_000;
const firstWaitMs = 500;
const longestWaitMs = 4_000;

/** One socket that comes back by itself, with full jitter, for as long as its device is wanted. */
export class DrivenSocket {
  readonly #options: SocketOptions;
  #webSocket: WebSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #connection = 0;
  #attempt = 0;
  #isOpen = false;
  #isWanted = false;
  #heardAt = 0;

  constructor(options: SocketOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Connected, or about to be again. */
  get isWanted(): boolean {
    return this.#isWanted;
  }

  get connection(): number {
    return this.#connection;
  }

  start(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#attempt = 0;
    if (!this.#webSocket) this.#connect();
  }

  /** Away, until it is started again. */
  stop(): void {
    this.#isWanted = false;
    clearTimeout(this.#timer);
    this.drop();
  }

  /** Connected for as long as nobody ends the connection; then away, until it is started again. */
  stayAwayOnceLost(): void {
    this.#isWanted = false;
  }

  /** Ends this connection at once, as a dead network does. */
  drop(): void {
    const webSocket = this.#webSocket;
    this.#lost(webSocket, 1006);
    webSocket?.terminate();
  }

  send(frame: object): void {
    if (this.#isOpen) this.#webSocket?.send(JSON.stringify(frame));
  }

  dropIfSilent(now: number): void {
    if (this.#isOpen && now - this.#heardAt > silentMs) this.drop();
  }

  #connect(): void {
    const { url, cookie, origin } = this.#options.address();
    const path = this.#options.kind === "chat" ? "/ws/chat" : "/ws/notifications";
    const webSocket = new WebSocket(new URL(path, url.replace(/^http/, "ws")), {
      handshakeTimeout: handshakeMs,
      perMessageDeflate: false,
      headers: { cookie, origin },
    });
    this.#webSocket = webSocket;
    this.#connection += 1;
    webSocket.on("error", () => {});
    webSocket.on("ping", () => this.#heard());
    webSocket.on("close", (code) => this.#lost(webSocket, code));
    webSocket.on("unexpected-response", (request, response) => {
      request.destroy();
      const again = () => this.#lost(webSocket, 1006);
      if (response.statusCode === 401) this.#options.onUnauthenticated().then(again, again);
      else again();
    });
    webSocket.on("message", (data) => {
      if (this.#webSocket === webSocket) this.#receive(JSON.parse(String(data)) as Frame);
    });
  }

  #receive(frame: Frame): void {
    this.#heard();
    if (frame.type !== "ready") return this.#options.onFrame(frame);
    const { history, kind, device, onReady } = this.#options;
    this.#isOpen = true;
    this.#attempt = 0;
    history.write({ kind: "opened", socket: kind, device, connection: this.#connection });
    onReady();
  }

  #heard(): void {
    this.#heardAt = this.#options.history.now();
  }

  #lost(webSocket: WebSocket | undefined, code: number): void {
    if (!webSocket || this.#webSocket !== webSocket) return;
    this.#webSocket = undefined;
    const { history, kind, device, random } = this.#options;
    if (this.#isOpen) {
      history.write({ kind: "closed", socket: kind, device, connection: this.#connection, code });
    }
    this.#isOpen = false;
    if (!this.#isWanted) return;
    const ceiling = Math.min(longestWaitMs, firstWaitMs * 2 ** this.#attempt);
    this.#attempt += 1;
    this.#timer = setTimeout(() => this.#connect(), random.next() * ceiling);
  }
}
