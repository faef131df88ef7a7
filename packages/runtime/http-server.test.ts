import { GoChatError } from "@gochat/contracts/errors";
import { defineEndpoint } from "@gochat/contracts/http/endpoint";
import { Type } from "typebox";
import { beforeAll, describe, expect, test } from "vitest";
import { createHttpServer, type HttpServer } from "./http-server.ts";
import { createKeys } from "./keys.ts";
import { createLogger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";
import { registerOperatingRoutes } from "./operating-routes.ts";
import { createSessions } from "./sessions.ts";
import { readSettings } from "./settings.ts";
import { noTracing } from "./tracing.ts";

const echo = defineEndpoint({
  method: "POST",
  path: "/api/things/:id",
  tag: "users",
  summary: "Echo",
  access: "anyone",
  params: Type.Object({ id: Type.Integer() }),
  query: Type.Object(
    { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5, default: 3 })) },
    { additionalProperties: false },
  ),
  body: Type.Object(
    { text: Type.String(), count: Type.Optional(Type.Integer()) },
    { additionalProperties: false },
  ),
  status: 200,
  answer: Type.Object({ text: Type.String(), limit: Type.Optional(Type.Integer()) }),
  errors: [],
});
const secret = defineEndpoint({ ...echo, path: "/api/secret", access: "person", params: Type.Object({}) });
const broken = defineEndpoint({
  method: "GET",
  path: "/api/broken",
  tag: "users",
  summary: "",
  access: "anyone",
  status: 204,
  errors: [],
});
const costly = defineEndpoint({ ...broken, path: "/api/costly" });
const busy = defineEndpoint({ ...broken, path: "/api/busy" });

let http: HttpServer;
const post = (payload: string, headers: Record<string, string> = {}, url = "/api/things/7") =>
  http.app.inject({
    method: "POST",
    url,
    payload,
    headers: { "content-type": "application/json", host: "chat.test", ...headers },
  });

beforeAll(async () => {
  const settings = readSettings({ TRUSTED_PROXIES: "loopback" });
  const metrics = createMetrics();
  const sessions = createSessions({ keys: await createKeys(), settings, clock: Date.now });
  http = await createHttpServer({
    settings,
    sessions,
    logger: createLogger("silent"),
    metrics,
    tracing: noTracing,
  });
  http.route(echo, async ({ body, query }) => ({ text: body.text, limit: query.limit ?? 0, hidden: "x" }));
  http.route(secret, async () => ({ text: "secret" }));
  http.route(broken, async () => {
    throw new Error("SELECT password FROM accounts");
  });
  http.route(costly, async () => undefined, { rateLimit: { max: 1, windowSeconds: 60 } });
  registerOperatingRoutes(http.app, { metrics, checks: [], metricsFor: "this machine" });
  http.route(busy, async () => {
    throw new GoChatError("BUSY", "Later.", { retryAfterMs: 2500 });
  });
});

describe("an endpoint", () => {
  test("gets validated input, defaults filled in, and answers only what its schema names", async () => {
    const answer = await post('{"text":"hello"}');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ text: "hello", limit: 3 });
    expect(answer.headers["cache-control"]).toBe("no-store");
  });

  test.each([
    ["a missing field", '{"count":1}', "/text"],
    ["an unknown field", '{"text":"a","extra":1}', "/extra"],
    ["a number as text", '{"text":"a","count":"1"}', "/count"],
    ["NUL", '{"text":"a\\u0000b"}', "/text"],
    ["a lone surrogate", '{"text":"\\ud800"}', "/text"],
    ["an array", "[]", ""],
  ])("refuses %s and names the place", async (_what, payload, path) => {
    const answer = await post(payload);
    expect(answer.statusCode).toBe(400);
    expect(answer.headers["content-type"]).toContain("application/problem+json");
    expect(answer.json()).toMatchObject({ code: "INVALID_INPUT", status: 400 });
    expect(answer.json().errors[0].path).toBe(path);
  });

  test.each([
    ["no JSON", "{", 400, "INVALID_INPUT"],
    ["a __proto__ key", '{"text":"a","__proto__":{"x":1}}', 400, "INVALID_INPUT"],
    ["30,000 levels", `{"text":${"[".repeat(30_000)}${"]".repeat(30_000)}}`, 400, "INVALID_INPUT"],
    ["70 KiB", `{"text":"${"a".repeat(70 * 1024)}"}`, 413, "TOO_LARGE"],
  ])("refuses %s", async (_what, payload, status, code) => {
    const answer = await post(payload);
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    if (code === "INVALID_INPUT") expect(answer.json().errors).toHaveLength(1);
  });

  test("refuses query parameters that it does not know or that are out of range", async () => {
    for (const query of [
      "limit=0",
      "limit=6",
      "limit=1e0",
      "limit=1&limit=2",
      "page=1",
      "limit=",
      "%ED%A0%80",
    ]) {
      const answer = await post('{"text":"a"}', {}, `/api/things/7?${query}`);
      expect([query, answer.statusCode, answer.json().code]).toEqual([query, 400, "INVALID_INPUT"]);
    }
  });

  test("refuses other content types, and a guest where a person is asked for", async () => {
    expect((await post("text=a", { "content-type": "application/x-www-form-urlencoded" })).json().code).toBe(
      "UNSUPPORTED_MEDIA_TYPE",
    );
    expect((await post('{"text":"a"}', { "content-type": "text/plain" })).statusCode).toBe(415);
    expect((await post('{"text":"a"}', {}, "/api/secret")).json().code).toBe("UNAUTHENTICATED");
  });

  test("refuses what another site's page sends", async () => {
    for (const headers of [
      { origin: "http://evil.test" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
    ]) {
      const answer = await post('{"text":"a"}', headers);
      expect([answer.statusCode, answer.json().code]).toEqual([403, "FOREIGN_ORIGIN"]);
    }
    expect(
      (await post('{"text":"a"}', { origin: "http://chat.test", "sec-fetch-site": "same-origin" }))
        .statusCode,
    ).toBe(200);
  });
});

test("behind a trusted proxy each guest has limits of its own, by network", async () => {
  const ask = async (address: string) => {
    const headers = { "x-forwarded-for": `203.0.113.9, ${address}` };
    return (await http.app.inject({ url: "/api/costly", headers })).statusCode;
  };
  expect(await ask("198.51.100.7")).toBe(204);
  expect(await ask("198.51.100.7")).toBe(429);
  expect(await ask("198.51.100.8")).toBe(204);
  expect(await ask("2001:db8::1")).toBe(204);
  expect(await ask("2001:db8::2")).toBe(429);
});

describe("errors", () => {
  test("say nothing of what went wrong inside", async () => {
    const answer = await http.app.inject({ url: "/api/broken" });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toMatch(/SELECT|at /);
  });

  test("carry Retry-After where it makes sense", async () => {
    const answer = await http.app.inject({ url: "/api/busy" });
    expect([answer.statusCode, answer.headers["retry-after"]]).toEqual([503, "3"]);
  });

  test("of an unknown path and of a wrong method are problems too, with the security headers", async () => {
    const missing = await http.app.inject({ url: "/api/nothing" });
    expect([missing.statusCode, missing.json().code]).toEqual([404, "NOT_FOUND"]);
    const wrong = await http.app.inject({ method: "DELETE", url: "/api/things/7" });
    expect([wrong.statusCode, wrong.json().code, wrong.headers.allow]).toEqual([
      405,
      "METHOD_NOT_ALLOWED",
      "POST",
    ]);
    for (const answer of [missing, wrong, await post("{}")]) {
      expect(answer.headers["cache-control"]).toBe("no-store");
      expect(answer.headers["content-security-policy"]).toContain("script-src 'self'");
      expect(answer.headers["x-content-type-options"]).toBe("nosniff");
    }
  });

  test("of an unreadable address are problems", async () => {
    const answer = await http.app.inject({ url: "/api/things/%zz" });
    expect([answer.statusCode, answer.json().code]).toEqual([400, "INVALID_INPUT"]);
  });
});

describe("the operating paths", () => {
  const ask = (url: string, headers: Record<string, string> = {}) =>
    http.app.inject({ url, headers: { host: "localhost:3000", ...headers } });

  test("know their methods like every other path", async () => {
    const answer = await http.app.inject({ method: "POST", url: "/healthz" });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, "GET, HEAD"]);
  });

  test("show the metrics to this machine only, also behind a proxy on it", async () => {
    expect((await ask("/metrics")).statusCode).toBe(200);
    expect((await ask("/metrics", { "x-forwarded-for": "203.0.113.9" })).statusCode).toBe(404);
    expect((await ask("/metrics", { host: "chat.example.org" })).statusCode).toBe(404);
    expect((await ask("/healthz", { host: "chat.example.org" })).statusCode).toBe(200);
  });
});
