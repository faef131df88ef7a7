import { type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { defineEndpoint } from "@gochat/contracts/http/endpoint";
import { Type } from "typebox";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHttpServer, type HttpServer } from "./http-server.ts";
import { createKeys } from "./keys.ts";
import { createLogger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";
import { createSessions } from "./sessions.ts";
import { readSettings } from "./settings.ts";
import { createSocketServer } from "./socket-server.ts";
import { noTracing } from "./tracing.ts";

const thing = defineEndpoint({
  method: "GET",
  path: "/api/things/:id",
  tag: "users",
  summary: "A thing",
  access: "anyone",
  params: Type.Object({ id: Type.String() }),
  status: 200,
  answer: Type.Object({ id: Type.String() }),
  errors: [],
});

let http: HttpServer;
let port: number;

beforeAll(async () => {
  const settings = readSettings({});
  const [logger, metrics] = [createLogger("silent"), createMetrics()];
  const sessions = createSessions({ keys: await createKeys(), settings, clock: Date.now });
  http = await createHttpServer({ settings, sessions, logger, metrics, tracing: noTracing });
  http.route(thing, async ({ params }) => ({ id: params.id }));
  http.app.get("/*", (_request, reply) => reply.callNotFound());
  const sockets = createSocketServer({ settings, sessions, logger, metrics, clock: Date.now });
  const nothing = () => {};
  sockets.serve({
    path: "/ws/notifications",
    guests: true,
    frames: {},
    handle: {},
    open: nothing,
    closed: nothing,
  });
  sockets.attach(http.app.server);
  await http.app.listen({ port: 0, host: "127.0.0.1" });
  port = (http.app.server.address() as AddressInfo).port;
});
afterAll(() => http.app.close());

/** Over a real connection: what is tested here never reaches the framework when it goes wrong. */
function get(path: string, headers: Record<string, string> = {}, setHost = true) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request({ host: "127.0.0.1", port, path, headers, setHost, agent: false }, resolve)
    .on("error", reject)
    .end();
  return promise.then(async (answer) => ({
    status: answer.statusCode,
    type: answer.headers["content-type"],
    policy: answer.headers["content-security-policy"],
    allow: answer.headers.allow,
    body: JSON.parse(await text(answer)),
  }));
}

const refused = (status: number, code: string) => ({
  status,
  type: "application/problem+json; charset=utf-8",
  policy: expect.stringContaining("default-src 'self'"),
  allow: undefined,
  body: expect.objectContaining({ status, code }),
});

describe("what Node.js would answer by itself is a problem document with every header", () => {
  test("an expectation that nobody can meet", async () => {
    expect(await get("/api/things/7", { expect: "miracles" })).toEqual(refused(400, "INVALID_INPUT"));
  });

  test("no Host", async () => {
    expect(await get("/api/things/7", {}, false)).toEqual(refused(400, "INVALID_INPUT"));
  });

  test("a WebSocket handshake without Host", async () => {
    const handshake = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    };
    expect(await get("/ws/notifications", handshake, false)).toEqual(refused(400, "INVALID_INPUT"));
  });
});

test("a client that would rather speak HTTP/2 is answered in HTTP/1.1", async () => {
  const upgrade = { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAMAAABkAAQ" };
  expect(await get("/api/things/7", upgrade)).toMatchObject({ status: 200, body: { id: "7" } });
});

test("an id that is longer than any is not there; its method is no wrong one", async () => {
  expect(await get(`/api/things/${"7".repeat(300)}`)).toEqual(refused(404, "NOT_FOUND"));
});
