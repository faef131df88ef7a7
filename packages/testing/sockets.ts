import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";
import type { Person } from "./people.ts";
import { checkServerFrame, type SocketPath } from "./server-frames.ts";

/** A received frame; tests look into frames of every shape. */
// biome-ignore lint/suspicious/noExplicitAny: see above.
export type Frame = { type: string } & Record<string, any>;

/** A socket of a test: holds every frame to its contract, and keeps it until the test takes it. */
export interface TestSocket extends AsyncDisposable {
  /** Every frame so far, taken or not. */
  readonly frames: readonly Frame[];
  /** Resolves when the socket is closed, by whichever side. */
  readonly closed: Promise<{ code: number; reason: string }>;
  send(frame: object): void;
  sendText(text: string): void;
  sendBinary(bytes: Uint8Array): void;
  /** The first frame of this type (that fits) not yet taken; waits for it. Rejects after the time, saying what came. */
  receives(type: string, fits?: (frame: Frame) => boolean, timeoutMs?: number): Promise<Frame>;
  /** Fails if a frame of this type (that fits) is there or comes within the time. */
  silent(type: string, forMs?: number, fits?: (frame: Frame) => boolean): Promise<void>;
  /** Stops reading from the network, to play a slow consumer. */
  pause(): void;
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Default: the server's own origin; null sends none. */
  readonly origin?: string | null;
  readonly headers?: Record<string, string>;
}

/** Thrown where the upgrade was refused: the HTTP status and the problem document. */
export class UpgradeRefused extends Error {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: a problem document, looked into by tests.
  readonly body: any;

  constructor(status: number, headers: Record<string, string | string[] | undefined>, text: string) {
    super(`The upgrade was refused with ${status}: ${text}`);
    this.status = status;
    this.headers = headers;
    this.body = String(headers["content-type"]).includes("json") ? JSON.parse(text) : text;
  }
}

/** Connects to /ws/chat and takes the `ready` frame. */
export function connectChat(gochat: { url: string }, person: Person, options?: ConnectOptions) {
  return connect(gochat.url, "/ws/chat", person, options);
}

/** Connects to /ws/notifications and takes the `ready` frame. */
export function connectNotifications(gochat: { url: string }, person: Person, options?: ConnectOptions) {
  return connect(gochat.url, "/ws/notifications", person, options);
}

async function connect(
  url: string,
  path: SocketPath,
  person: Person,
  { origin = url, headers = {} }: ConnectOptions = {},
): Promise<TestSocket> {
  const webSocket = new WebSocket(new URL(path, url.replace(/^http/, "ws")), {
    handshakeTimeout: 10_000,
    perMessageDeflate: false,
    headers: { ...(person.cookie && { cookie: person.cookie }), ...(origin && { origin }), ...headers },
  });
  const socket = watch(webSocket, path);
  await opened(webSocket);
  await socket.receives("ready");
  return socket;
}

function opened(webSocket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    webSocket.once("open", resolve);
    webSocket.once("error", reject);
    webSocket.once("unexpected-response", (_request, response) => {
      response.setEncoding("utf8");
      let text = "";
      response.on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => reject(new UpgradeRefused(response.statusCode ?? 0, response.headers, text)));
    });
  });
}

function watch(webSocket: WebSocket, path: SocketPath): TestSocket {
  const frames: Frame[] = [];
  const taken = new Set<Frame>();
  const waiting = new Set<() => void>();
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    webSocket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  webSocket.on("error", () => {});
  webSocket.on("message", (data) => {
    const frame: Frame = JSON.parse(data.toString());
    // Thrown at nobody in particular: the run fails, whatever its tests were looking for.
    checkServerFrame(path, frame);
    frames.push(frame);
    for (const look of [...waiting]) look();
  });
  const find = (type: string, fits: (frame: Frame) => boolean) =>
    frames.find((frame) => frame.type === type && !taken.has(frame) && fits(frame));

  return {
    frames,
    closed,
    send: (frame) => webSocket.send(JSON.stringify(frame)),
    sendText: (text) => webSocket.send(text),
    sendBinary: (bytes) => webSocket.send(bytes),
    pause: () => webSocket.pause(),
    receives(type, fits = () => true, timeoutMs = 5000) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look);
          const came = frames.slice(-10).map((frame) => JSON.stringify(frame).slice(0, 200));
          reject(new Error(`No ${type} came within ${timeoutMs} ms. The last frames:\n${came.join("\n")}`));
        }, timeoutMs);
        const look = () => {
          const frame = find(type, fits);
          if (!frame) return;
          taken.add(frame);
          waiting.delete(look);
          clearTimeout(timer);
          resolve(frame);
        };
        waiting.add(look);
        look();
      });
    },
    async silent(type, forMs = 300, fits = () => true) {
      await delay(forMs);
      const frame = find(type, fits);
      if (frame) throw new Error(`There should be no ${type}: ${JSON.stringify(frame)}`);
    },
    async close() {
      webSocket.close();
      const timer = setTimeout(() => webSocket.terminate(), 2000);
      await closed;
      clearTimeout(timer);
    },
    async [Symbol.asyncDispose]() {
      webSocket.terminate();
    },
  };
}
