import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isIPv6 } from "node:net";
import type { Duplex } from "node:stream";
import { GoChatError } from "@gochat/contracts/errors";
import { StartError } from "@gochat/database/start-error";
import { type ReadinessCheck, readinessOf } from "./operating-routes.ts";
import {
  problemContentType,
  rawProblem,
  retryAfterSeconds,
  toProblem,
  unreadableRequest,
} from "./problems.ts";
import { createAnswerHeaders } from "./security-headers.ts";
import type { Settings } from "./settings.ts";

/**
 * The port of a process, open before anything else: while its database, broker and cache are waited for, whoever asks
 * hears that this process lives, what it waits for, and when to come back.
 */
export interface FrontDoor {
  /** Where this process listens: http://localhost:3000 */
  readonly url: string;
  /** For `/readyz` until the door is open: the part is waited for, or by now can be asked. */
  report(part: string, ping?: () => Promise<void>): void;
  /** From now on everything is for this server, which listens nowhere itself. */
  open(server: Server): void;
  /** Takes no more connections and waits for the requests in hand, 3 s at most. */
  close(): Promise<void>;
}

const requestTimeoutMs = 30_000;
const keepAliveMs = 72_000;
const requestsInHandMs = 3_000;

/** Throws a StartError where the port can't be had. */
export async function openFrontDoor(
  settings: Pick<Settings, "port" | "publicUrl"> & Partial<Pick<Settings, "listenAddress">>,
): Promise<FrontDoor> {
  const headers = createAnswerHeaders(settings.publicUrl);
  const checks = new Map<string, ReadinessCheck>();
  let inside: Server | undefined;
  const notYet = () => new GoChatError("BUSY", "GoChat is starting; try again in a moment.");

  async function answerWhileWaiting({ url = "" }: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path] = url.split("?", 1);
    const send = (status: number, type: string, body: object) => {
      const retryAfter = status === 503 && { "retry-after": String(retryAfterSeconds(notYet())) };
      response
        .writeHead(status, { ...headers, ...retryAfter, "cache-control": "no-store", "content-type": type })
        .end(JSON.stringify(body));
    };
    const json = "application/json; charset=utf-8";
    if (path === "/healthz") send(200, json, { status: "ok" });
    else if (path === "/readyz") send(503, json, await readinessOf([...checks.values()]));
    else send(503, problemContentType, toProblem(notYet()));
  }

  const server = createServer({ requestTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveMs });
  server.on("request", (request, response) => {
    if (inside) inside.emit("request", request, response);
    else void answerWhileWaiting(request, response);
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (inside) {
      inside.emit("upgrade", request, socket, head);
      return;
    }
    // Nobody else listens any more, and who hangs up must not end this process.
    socket.on("error", () => socket.destroy());
    socket.end(rawProblem(notYet(), headers));
  });
  server.on("clientError", (error: Error, socket: Duplex) => {
    if (inside) inside.emit("clientError", error, socket);
    else if (socket.writable) socket.end(rawProblem(unreadableRequest(), headers));
  });
  await listen(server, settings.port, settings.listenAddress);
  const address = server.address();

  return {
    url: `http://${hostOf(settings.listenAddress)}:${typeof address === "object" && address ? address.port : settings.port}`,
    report(name, ping = () => Promise.reject(new Error("It is waited for."))) {
      checks.set(name, { name, ping });
    },
    open(target) {
      inside = target;
    },
    async close() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      // One whose sender stopped in the middle would keep the services from being stopped.
      const timer = setTimeout(() => server.closeAllConnections(), requestsInHandMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

function hostOf(listenAddress = "localhost"): string {
  return isIPv6(listenAddress) ? `[${listenAddress}]` : listenAddress;
}

async function listen(server: Server, port: number, listenAddress: string | undefined): Promise<void> {
  for (const host of listenAddress ? [listenAddress] : ["::", "0.0.0.0"]) {
    try {
      const listening = once(server, "listening");
      server.listen({ port, host });
      await listening;
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EADDRINUSE") {
        throw new StartError(
          `Port ${port} is taken by another program. Stop it, or choose another with PORT=….`,
        );
      }
      if (code === "EACCES") {
        throw new StartError(
          `Port ${port} needs more rights than this user has. Choose one above 1023 with PORT=….`,
        );
      }
      if (code === "EADDRNOTAVAIL" && listenAddress) {
        throw new StartError(
          `LISTEN_ADDRESS=${listenAddress} is no address of this machine. Give one of its own, or none for all.`,
        );
      }
      // A machine without IPv6.
      if (host !== "::" || (code !== "EAFNOSUPPORT" && code !== "EADDRNOTAVAIL")) throw error;
    }
  }
}
