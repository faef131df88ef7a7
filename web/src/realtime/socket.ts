import { closeCodes } from "@gochat/contracts/sockets/close-codes";
import { fullJitter } from "../lib/back-off.ts";

const readyTimeoutMs = 10_000;
/** Who flooded or sent nonsense comes back slowly. */
const attemptsAfterMisuse = 4;
/** A connection that lasted this long was a good one, and the next attempt is a first attempt again. */
const steadyMs = 10_000;

export interface SocketOptions<Frame extends { type: string }> {
  readonly path: string;
  /** The server's first frame came: the socket is usable. */
  onReady(frame: Extract<Frame, { type: "ready" }>): void;
  /** Every later frame. */
  onFrame(frame: Frame): void;
  onStatus(status: "closed" | "connecting" | "open"): void;
  /**
   * The socket closed or never opened. A browser does not tell a refused upgrade from a dead network, so the
   * session is checked either way. `now` = connect at once, `later` = with back-off, `never` = leave it.
   */
  afterClose(code: number): Promise<"now" | "later" | "never">;
}

export interface ReconnectingSocket {
  start(): void;
  stop(): void;
  /** False when there is no usable socket; nothing is kept. */
  send(frame: object): boolean;
  /** Somebody waits for it: connects now if it is waiting for its next attempt, and backs off anew from there. */
  retryNow(): void;
  /** The network is gone: whatever the socket believes, it is not connected. */
  lose(): void;
  /** Drops the connection, which may be dead without knowing it, and connects again. */
  restart(): void;
}

/** One WebSocket that comes back by itself: full jitter, 1 s to 30 s. */
export function createSocket<Frame extends { type: string }>(
  options: SocketOptions<Frame>,
): ReconnectingSocket {
  let socket: WebSocket | undefined;
  let isReady = false;
  let readyAt = 0;
  let isRunning = false;
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let readyTimer: ReturnType<typeof setTimeout> | undefined;

  function connect(): void {
    clearTimeout(timer);
    timer = undefined;
    const opened = new WebSocket(socketUrl(options.path));
    socket = opened;
    isReady = false;
    options.onStatus("connecting");
    readyTimer = setTimeout(() => drop(opened, 0), readyTimeoutMs);
    opened.onmessage = ({ data }) => {
      if (socket === opened && typeof data === "string") receive(data);
    };
    opened.onclose = ({ code }) => drop(opened, code);
  }

  function receive(text: string): void {
    const frame = JSON.parse(text) as Frame;
    if (frame.type === "ready") {
      clearTimeout(readyTimer);
      isReady = true;
      readyAt = Date.now();
      options.onStatus("open");
      options.onReady(frame as Extract<Frame, { type: "ready" }>);
    } else if (frame.type === "reconnect") {
      clearTimeout(timer);
      timer = setTimeout(restart, (frame as unknown as { afterMs: number }).afterMs);
    } else {
      options.onFrame(frame);
    }
  }

  /** Lets go of a socket exactly once, whoever closed it, and decides when to come back. */
  function drop(closed: WebSocket, code: number): void {
    if (socket !== closed) return;
    if (isReady && Date.now() - readyAt > steadyMs) attempt = 0;
    release();
    options.onStatus("closed");
    if (code === closeCodes.badFrame || code === closeCodes.flooding) {
      attempt = Math.max(attempt, attemptsAfterMisuse);
    }
    void options.afterClose(code).then((when) => {
      if (!isRunning || socket || timer || when === "never") return;
      // Even "now" slows down when it does not help.
      const delay = when === "now" && attempt === 0 ? 0 : fullJitter(attempt);
      attempt++;
      timer = setTimeout(connect, delay);
    });
  }

  function release(): void {
    clearTimeout(readyTimer);
    clearTimeout(timer);
    timer = undefined;
    const released = socket;
    socket = undefined;
    isReady = false;
    if (!released) return;
    released.onmessage = null;
    released.onclose = null;
    released.close();
  }

  function restart(): void {
    if (!isRunning) return;
    release();
    options.onStatus("closed");
    connect();
  }

  return {
    start() {
      if (isRunning) return;
      isRunning = true;
      attempt = 0;
      connect();
    },
    stop() {
      isRunning = false;
      release();
      options.onStatus("closed");
    },
    send(frame) {
      if (!isReady || socket?.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(frame));
      return true;
    },
    retryNow() {
      if (!isRunning || socket) return;
      attempt = 0;
      connect();
    },
    lose() {
      if (socket) drop(socket, 0);
    },
    restart,
  };
}

function socketUrl(path: string): string {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
