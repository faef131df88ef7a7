import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type ErrorCode, GoChatError, invalidInput } from "@gochat/contracts/errors";
import { limits } from "@gochat/contracts/limits";
import type { ErrorFrame, Reconnect } from "@gochat/contracts/sockets/chat";
import { closeCodes } from "@gochat/contracts/sockets/close-codes";
import type { Static, TSchema } from "typebox";
import { WebSocketServer } from "ws";
import { callerOf, clientAddress, trustProxies } from "./client-address.ts";
import type { EncodedFrame } from "./encoded-frame.ts";
import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";
import { observeSockets, type SocketTraffic } from "./observed-sockets.ts";
import { isOwnOrigin } from "./origin.ts";
import { rawProblem } from "./problems.ts";
import { createAnswerHeaders } from "./security-headers.ts";
import type { Identity, Sessions } from "./sessions.ts";
import type { Settings } from "./settings.ts";
import { SocketConnection } from "./socket-connection.ts";
import { SocketRegistry } from "./socket-registry.ts";
import { createValidator, type Validate } from "./validation.ts";

/** The WebSocket side of a process. It owns what every socket has in common, so that services only speak frames:
 * the checks before the upgrade, JSON, depth and schema of frames, one promise chain a socket (frames take effect in
 * the order sent), floods, pings, slow consumers, ended sessions and the planned close. */
export interface SocketServer {
  /** `Sent`: the frames that this path may send, of the contracts. */
  serve<Sent extends object, Frames extends FrameTable>(path: SocketPath<Sent, Frames>): ServedSockets<Sent>;
  /** Takes over the upgrades of this HTTP server. */
  attach(server: Server): void;
  /** Takes no more sockets, tells the open ones to come back, closes them in slices: a few seconds. */
  drain(): Promise<void>;
}

export type FrameTable = Record<string, TSchema>;

/** What the socket server itself has to say, on every path. */
export type CommonFrame = Static<typeof ErrorFrame> | Static<typeof Reconnect>;

export interface SocketPath<Sent extends object = CommonFrame, Frames extends FrameTable = FrameTable> {
  readonly path: "/ws/chat" | "/ws/notifications";
  /** Whether a guest may connect. Without: 401 for a guest, 403 for an absent Origin. */
  readonly guests: boolean;
  /** The client's frames by type. */
  readonly frames: Frames;
  /** Called once a socket, before any frame is handled. Send `ready` here. */
  readonly open: (connection: Connection<Sent>) => void;
  /** One handler a frame type. The next frame of this socket waits for the promise. A GoChatError becomes `error`. */
  readonly handle: {
    [Type in keyof Frames]: (
      connection: Connection<Sent>,
      frame: Static<Frames[Type]>,
    ) => void | Promise<void>;
  };
  /**
   * A frame before it is read. Answers its type where it was refused unread, which costs little; undefined where it is to be
   * read like any other.
   */
  readonly refuseUnread?: (connection: Connection<Sent>, bytes: Buffer) => string | undefined;
  /** A frame that fits no schema (or is too deep inside). Return true if it was answered; else `error` is sent. */
  readonly refuse?: (connection: Connection<Sent>, frame: Record<string, unknown>, detail: string) => boolean;
  readonly closed: (connection: Connection<Sent>) => void;
}

export interface Connection<Sent extends object = CommonFrame> {
  /** Unique in the process. */
  readonly id: string;
  /** Null for a guest. */
  readonly identity: Identity | null;
  /** Whether it still can send; a closing socket takes no further frame either. */
  readonly isOpen: boolean;
  /** Sends a frame, or its text: serialise once, send to many. */
  send(frame: Sent | EncodedFrame<Sent>): void;
  /** The same within 25 ms, together with what comes until then: for many answers to one who does not wait for them. */
  sendSoon(frame: Sent | EncodedFrame<Sent>): void;
  sendError(code: ErrorCode, detail?: string): void;
  /**
   * Calls back once the peer answered that everything sent so far has arrived, if it ever does. One at a time. It is no
   * proof that the application has looked: a browser answers by itself, and a proxy that ends WebSockets may as well.
   */
  whenReceived(callback: () => void): void;
  close(code: number, reason: string): void;
}

export interface ServedSockets<Sent extends object = CommonFrame> {
  readonly all: ReadonlySet<Connection<Sent>>;
  /** The open sockets of one person on this node. */
  of(userId: string): ReadonlySet<Connection<Sent>>;
  /** Asks everybody to come again, spread over some time: for when frames may have been missed. */
  askToReconnect(): void;
}

/** A path with its frame schemas compiled. */
export interface CompiledPath extends Omit<SocketPath<object>, "handle"> {
  readonly validators: ReadonlyMap<string, Validate<TSchema>>;
  readonly handlers: ReadonlyMap<
    string,
    (connection: Connection<object>, frame: never) => void | Promise<void>
  >;
  readonly traffic: SocketTraffic;
}

interface SocketServerOptions {
  readonly settings: Settings;
  readonly sessions: Sessions;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: () => number;
}

/** Sockets of one path that a person, or the address of guests, may have open on a node; lifted by RATE_LIMITS=off. */
const maxSocketsPerCaller = 100;

export function createSocketServer(options: SocketServerOptions): SocketServer {
  const { settings, sessions, logger, clock } = options;
  const observed = observeSockets(options.metrics);
  const paths = new Map<string, { path: CompiledPath; registry: SocketRegistry }>();
  const webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.maxFrameBytes,
    perMessageDeflate: false,
    clientTracking: false,
    // Checked with the frame, so that what is no text ends with the close code of the protocol.
    skipUTF8Validation: true,
  });
  const isTrusted = trustProxies(settings.trustedProxies);
  const answerHeaders = createAnswerHeaders(settings.publicUrl);
  let draining = false;

  function refuseUpgrade(socket: Duplex, error: GoChatError): void {
    if (socket.writable) socket.end(rawProblem(error, answerHeaders));
    else socket.destroy();
  }

  sessions.onEnd(({ sessionId }) => {
    for (const { registry } of paths.values()) registry.closeSession(sessionId);
  });
  webSockets.on("wsClientError", (_error, socket) => {
    refuseUpgrade(socket, invalidInput({ path: "", message: "is not a WebSocket handshake" }));
  });

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", () => socket.destroy());
    const served = paths.get(request.url?.split("?", 1)[0] ?? "");
    if (!served) return refuseUpgrade(socket, new GoChatError("NOT_FOUND"));
    const refuse = (error: GoChatError) => {
      served.path.traffic.refused(error.code);
      refuseUpgrade(socket, error);
    };
    if (draining) return refuse(new GoChatError("BUSY", "This node is going away."));
    // A browser always says where a page comes from; whoever does not is a guest where guests may be.
    const isAnonymous = served.path.guests && request.headers.origin === undefined;
    const identity = isAnonymous ? null : await sessions.identify(request.headers.cookie);
    const refusal = refusalOf(request, served.path, identity, settings.publicUrl);
    if (refusal) return refuse(refusal);
    const caller = identity?.userId ?? callerOf(clientAddress(request, isTrusted));
    if (settings.rateLimits && served.registry.countOf(caller) >= maxSocketsPerCaller) {
      return refuse(new GoChatError("RATE_LIMITED", "Too many open sockets.", { retryAfterMs: 5000 }));
    }
    socket.removeAllListeners("error");
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const { path, registry } = served;
      new SocketConnection({
        webSocket,
        socket,
        identity,
        caller,
        path,
        registry,
        logger,
        clock,
        limited: settings.rateLimits,
      });
    });
  }

  return {
    serve(path) {
      const registry = new SocketRegistry();
      const traffic = observed.watch(path.path, registry.all);
      paths.set(path.path, { path: compile(path, traffic), registry });
      return registry;
    },
    attach(server) {
      server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        upgrade(request, socket, head).catch((error: unknown) => {
          logger.error({ err: error }, "upgrade failed");
          refuseUpgrade(socket, new GoChatError("INTERNAL"));
        });
      });
    },
    async drain() {
      draining = true;
      await Promise.all([...paths.values()].map(({ registry }) => registry.drain(closeCodes.goingAway)));
      webSockets.close();
    },
  };
}

/** Why this handshake must not go on, if so. */
function refusalOf(
  { headers: { origin, host } }: IncomingMessage,
  path: CompiledPath,
  identity: Identity | null,
  publicUrl: URL | undefined,
): GoChatError | undefined {
  if (host === undefined) return invalidInput({ path: "", message: "does not say which host it is for" });
  const isForeign = origin === undefined ? !path.guests : !isOwnOrigin(origin, host, publicUrl);
  if (isForeign) return new GoChatError("FOREIGN_ORIGIN");
  if (!identity && !path.guests) return new GoChatError("UNAUTHENTICATED");
  return undefined;
}

function compile<Sent extends object, Frames extends FrameTable>(
  { handle, ...rest }: SocketPath<Sent, Frames>,
  traffic: SocketTraffic,
): CompiledPath {
  const validators = new Map(
    Object.entries(rest.frames).map(([type, schema]) => [type, createValidator(schema)]),
  );
  return { ...rest, validators, handlers: new Map(Object.entries(handle)), traffic };
}
