import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

export interface StubService extends AsyncDisposable {
  /** host:port */
  readonly address: string;
  /** How many requests and sockets came so far. */
  readonly seen: { requests: number; sockets: number };
}

/** What a request looked like when it arrived. */
export interface Echo {
  readonly service: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: number;
  /** Of the connection that it came by, on the side of the gateway. */
  readonly port: number | undefined;
}

/** A service that tells what it was asked, with headers that the gateway has too. */
export async function startStubService(service: string): Promise<StubService> {
  const seen = { requests: 0, sockets: 0 };
  const server = createServer(async (request, response) => {
    seen.requests += 1;
    let bytes = 0;
    for await (const chunk of request) bytes += chunk.length;
    const echo: Echo = {
      service,
      path: request.url ?? "",
      headers: request.headers,
      bytes,
      port: request.socket.remotePort,
    };
    response.setHeader("content-type", "application/json").setHeader("cache-control", "no-store");
    response.setHeader("x-content-type-options", "nosniff").setHeader("x-frame-options", "DENY");
    response.end(JSON.stringify(echo));
  });
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket, { url, headers, socket: { remotePort: port } }) => {
    seen.sockets += 1;
    socket.send(JSON.stringify({ service, path: url ?? "", headers, bytes: 0, port } satisfies Echo));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      server.close();
    },
  };
}
