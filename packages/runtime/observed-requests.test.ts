import { defineEndpoint } from "@gochat/contracts/http/endpoint";
import { Type } from "typebox";
import { beforeEach, describe, expect, test } from "vitest";
import { createHttpServer, type HttpServer } from "./http-server.ts";
import { createKeys } from "./keys.ts";
import { createLogger } from "./logger.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { currentRequest, type RequestContext } from "./request-context.ts";
import { createSessions } from "./sessions.ts";
import { readSettings } from "./settings.ts";
import { type FinishedSpan, noTracing } from "./tracing.ts";

const echo = defineEndpoint({
  method: "POST",
  path: "/api/conversations/:id",
  tag: "conversations",
  summary: "Echo",
  access: "anyone",
  params: Type.Object({ id: Type.String() }),
  query: Type.Object({ about: Type.Optional(Type.String()) }),
  body: Type.Object({ text: Type.String() }),
  status: 204,
  errors: [],
});
const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";
const traceparent = `00-${traceId}-${spanId}-01`;

let http: HttpServer;
let metrics: Metrics;
let lines: Record<string, unknown>[];
let spans: FinishedSpan[];
let seen: RequestContext | undefined;
let failsWith: Error | undefined;

beforeEach(async () => {
  const settings = readSettings({ TRUSTED_PROXIES: "192.0.2.1" });
  const sessions = createSessions({ keys: await createKeys(), settings, clock: Date.now });
  lines = [];
  spans = [];
  seen = undefined;
  failsWith = undefined;
  metrics = createMetrics();
  const logger = createLogger("debug", (line) => lines.push(JSON.parse(line)));
  const tracing = {
    ...noTracing,
    samples: () => false,
    record: (span: FinishedSpan) => void spans.push(span),
  };
  http = await createHttpServer({ settings, sessions, logger, metrics, tracing });
  http.route(echo, async () => {
    await new Promise(setImmediate);
    seen = currentRequest();
    if (failsWith) throw failsWith;
  });
});

const ask = (headers: Record<string, string>, remoteAddress = "192.0.2.1", url = "/api/conversations/7") =>
  http.app.inject({
    method: "POST",
    url,
    payload: '{"text":"secret text"}',
    remoteAddress,
    headers: { "content-type": "application/json", host: "chat.test", ...headers },
  });

describe("a request", () => {
  test("has an id of its own, which its handling and its line in the log say", async () => {
    const answer = await ask({});
    const { requestId } = seen!;
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers).not.toHaveProperty("x-request-id");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: "info",
      msg: "request",
      requestId,
      traceId: seen!.trace.traceId,
      service: "messages",
      method: "POST",
      route: "/api/conversations/:id",
      status: 204,
    });
  });

  test("takes id and trace from a trusted proxy", async () => {
    await ask({ "x-request-id": "from-the-proxy", traceparent });
    expect(seen?.requestId).toBe("from-the-proxy");
    expect(seen?.trace).toMatchObject({ traceId, sampled: true });
    expect(spans).toMatchObject([
      {
        name: "POST /api/conversations/:id",
        service: "messages",
        context: seen!.trace,
        parentSpanId: spanId,
        failed: false,
      },
    ]);
  });

  test("takes neither from anybody else, nor what is none", async () => {
    await ask({ "x-request-id": "from-a-stranger", traceparent }, "198.51.100.7");
    expect(seen?.trace.traceId).not.toBe(traceId);
    expect(seen?.requestId).not.toBe("from-a-stranger");
    await ask({ "x-request-id": "no id\tat all", traceparent: "no trace" });
    expect(seen?.requestId).not.toContain("no id");
    expect(spans).toEqual([]);
  });
});

test("a request that fails says its id in its answer, and leaves no body, query or cookie in the log", async () => {
  failsWith = new Error("it broke");
  const answer = await ask({ cookie: "auth=secret" }, "192.0.2.1", "/api/conversations/7?about=secret");
  expect([answer.statusCode, answer.headers["x-request-id"]]).toEqual([500, seen!.requestId]);
  expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
    ["error", "request failed"],
    ["info", "request"],
  ]);
  expect(lines[0]).toMatchObject({ requestId: seen!.requestId, route: "/api/conversations/:id" });
  expect(JSON.stringify(lines)).not.toContain("secret");
});

test("durations are counted by route, and made-up paths are one", async () => {
  await ask({});
  await http.app.inject({ url: "/api/made/up" });
  await http.app.inject({ url: "/also-made-up" });
  const { text } = await metrics.page();
  expect(text).toContain(
    'gochat_http_request_duration_seconds_count{method="POST",route="/api/conversations/:id",status="204"} 1',
  );
  expect(text).toContain(
    'gochat_http_request_duration_seconds_count{method="GET",route="none",status="404"} 2',
  );
});
