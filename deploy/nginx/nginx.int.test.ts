import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type ErrorCode, GoChatError } from "@gochat/contracts/errors";
import { limits } from "@gochat/contracts/limits";
import type { Engine } from "@gochat/engines/engine";
import { freePort } from "@gochat/engines/free-port";
import { startNginx } from "@gochat/engines/nginx";
import { toProblem, unreadableRequest } from "@gochat/runtime/problems";
import { createAnswerHeaders } from "@gochat/runtime/security-headers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type RawRequest, sendRaw } from "../../tests/raw-http.ts";
import { type Echo, type StubService, startStubService } from "./stub-service.ts";

const assets = readdirSync(resolve(import.meta.dirname, "../../web/dist/assets"));
const script = `/assets/${assets.find((name) => /^index-.*\.js$/.test(name))}`;
const publicUrl = new URL("https://chat.example.org");
const headersOfAll = createAnswerHeaders(publicUrl);
let folder: string;
let nginx: Engine;
const stubs: Record<string, StubService> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-nginx-"));
  for (const name of ["auth", "users", "chat", "chat2", "messages", "notifications"]) {
    stubs[name] = await startStubService(name);
  }
  const nodes = (...names: string[]) => names.map((name) => stubs[name]!.address);
  nginx = await startNginx({
    folder,
    port: await freePort(),
    nodes: {
      auth: nodes("auth"),
      users: nodes("users"),
      chat: nodes("chat", "chat2"),
      messages: nodes("messages"),
      notifications: [...nodes("notifications"), `127.0.0.1:${await freePort()}`],
    },
    trustedHops: ["127.0.0.2"],
    strictTransportSecurity: headersOfAll["strict-transport-security"]!,
  });
});
afterAll(async () => {
  await nginx[Symbol.asyncDispose]();
  for (const stub of Object.values(stubs)) await stub[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const ask = (path: string, request: Partial<RawRequest> = {}) =>
  sendRaw(nginx.url, { method: "GET", path, ...request });

async function echoOf(path: string, request: Partial<RawRequest> = {}): Promise<Echo> {
  const { status, text } = await ask(path, request);
  expect([path, status]).toEqual([path, 200]);
  return JSON.parse(text);
}

describe("a request goes", () => {
  test.each([
    ["/api/auth/currentuser", "auth"],
    ["/api/users", "users"],
    ["/api/users/17?x=%2F..", "users"],
    ["/api/conversations", "messages"],
    ["/api/conversations/17/messages?limit=3", "messages"],
    ["/api/notifications?unread=true", "notifications"],
    ["/docs/openapi.json", "auth"],
  ])("%s as it is to %s", async (path, service) => {
    expect(await echoOf(path)).toMatchObject({ service, path });
  });

  test("with the host and port it was sent to, and with the address it came from and no other", async () => {
    const claims = {
      "x-forwarded-for": "203.0.113.7",
      "x-real-ip": "203.0.113.7",
      forwarded: "for=203.0.113.7",
    };
    const { headers } = await echoOf("/api/users", { headers: claims });
    expect(headers).toMatchObject({
      host: new URL(nginx.url).host,
      "x-forwarded-for": expect.stringMatching(/^(127\.0\.0\.1|::1)$/),
    });
    expect(headers).not.toHaveProperty("x-real-ip");
    expect(headers).not.toHaveProperty("forwarded");
    expect(headers).not.toHaveProperty("upgrade");
  });

  test("with a request id of its own, and in no trace that the client chose", async () => {
    const claims = {
      "x-request-id": "chosen",
      traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      tracestate: "chosen=yes",
    };
    const { headers } = await echoOf("/api/users", { headers: claims });
    expect(headers).toMatchObject({ "x-request-id": expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(headers).not.toHaveProperty("traceparent");
    expect(headers).not.toHaveProperty("tracestate");
  });

  test("with the client's address as a trusted hop says it", async () => {
    const socket = connect({
      host: "127.0.0.1",
      port: Number(new URL(nginx.url).port),
      localAddress: "127.0.0.2",
    });
    socket.write(
      "GET /api/users HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-forwarded-for: 198.51.100.1, 203.0.113.7\r\n\r\n",
    );
    let text = "";
    for await (const chunk of socket) text += chunk;
    expect(text).toContain('"x-forwarded-for":"203.0.113.7"');
  });

  test("nowhere until its body is there", async () => {
    const before = stubs.auth!.seen.requests;
    const socket = connect(Number(new URL(nginx.url).port), "127.0.0.1");
    socket.write("POST /api/auth/signin HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n12345");
    await echoOf("/api/users");
    expect(stubs.auth!.seen.requests).toBe(before);
    socket.destroy();
  });
});

describe("a socket", () => {
  async function open(path: string): Promise<{ echo: Echo; socket: WebSocket }> {
    const socket = new WebSocket(new URL(path, nginx.url.replace("http", "ws")), { origin: nginx.url });
    return new Promise((resolve, reject) => {
      socket.once("message", (data) => resolve({ echo: JSON.parse(String(data)), socket }));
      socket.once("error", reject);
    });
  }

  test("goes to the node that has the fewest, with its origin and host", async () => {
    const opened = [];
    for (let count = 0; count < 6; count++) opened.push(await open("/ws/chat"));
    const services = opened.map(({ echo }) => echo.service);
    expect(services.filter((name) => name === "chat")).toHaveLength(3);
    expect(opened[0]!.echo.headers).toMatchObject({ origin: nginx.url, host: new URL(nginx.url).host });
    for (const { socket } of opened) socket.terminate();
  });

  test("does not notice a node that is dead", async () => {
    for (let count = 0; count < 4; count++) {
      const { echo, socket } = await open("/ws/notifications");
      expect(echo.service).toBe("notifications");
      socket.terminate();
    }
  });

  test("is opened at the two addresses only", async () => {
    const upgrade = {
      connection: "close, upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    };
    expect((await ask("/ws/other", { headers: upgrade })).status).toBe(404);
    const { headers } = await echoOf("/api/users", { headers: upgrade });
    expect(headers).not.toHaveProperty("upgrade");
  });
});

describe("the web client", () => {
  test("is every page, asked for anew each time", async () => {
    for (const path of ["/", "/sign-in", "/c/17"]) {
      const answer = await ask(path);
      expect([path, answer.status, answer.header("content-type")]).toEqual([
        path,
        200,
        "text/html; charset=utf-8",
      ]);
      expect(answer.header("cache-control")).toBe("no-cache");
    }
  });

  test("has assets for ever, compressed before", async () => {
    const answer = await ask(script, { headers: { "accept-encoding": "gzip" } });
    expect([answer.status, answer.header("cache-control")]).toEqual([
      200,
      "public, max-age=31536000, immutable",
    ]);
    expect([answer.header("content-encoding"), answer.header("vary")]).toEqual(["gzip", "Accept-Encoding"]);
    expect(answer.header("content-length")).toBeDefined();
  });
});

describe("NGINX itself refuses", () => {
  const refusals: [string, Partial<RawRequest> & { path: string }, GoChatError][] = [
    ...[
      "/healthz",
      "/readyz",
      "/metrics",
      "/metrics/",
      "//metrics",
      "/api/users/..%2f..%2fmetrics",
      "/%6detrics",
    ].map((path): [string, { path: string }, GoChatError] => [path, { path }, new GoChatError("NOT_FOUND")]),
    ...[
      "/api",
      "/api/nothing",
      "/ws/x",
      "/missing.txt",
      "/assets/",
      "/assets/missing.js",
      "/problems/busy",
      "/api/users/..%2f..%2fetc",
    ].map((path): [string, { path: string }, GoChatError] => [path, { path }, new GoChatError("NOT_FOUND")]),
    ["what it cannot read", { path: "/api/%00" }, unreadableRequest()],
    ["a long header", { path: "/", headers: { x: "a".repeat(10_000) } }, unreadableRequest()],
    ["a post to a page", { path: "/", method: "POST" }, new GoChatError("METHOD_NOT_ALLOWED")],
    [
      "a large body",
      { path: "/api/auth/signin", method: "POST", body: "a".repeat(limits.maxBodyBytes + 1) },
      new GoChatError("TOO_LARGE"),
    ],
  ];

  test.each(refusals)("%s", async (_what, request, error) => {
    const answer = await ask(request.path, request);
    expect(JSON.parse(answer.text)).toEqual(toProblem(error));
    expect(answer.status).toBe(toProblem(error).status);
    expect(answer.header("content-type")).toBe("application/problem+json; charset=utf-8");
    expect([answer.header("cache-control"), answer.header("retry-after")]).toEqual(["no-store", undefined]);
    if (error.code === "METHOD_NOT_ALLOWED") expect(answer.header("allow")).toBe("GET, HEAD");
  });

  test("no body of 64 KiB", async () => {
    const body = "a".repeat(limits.maxBodyBytes);
    expect((await echoOf("/api/auth/signin", { method: "POST", body })).bytes).toBe(body.length);
  });

  test("for a service that is not there: busy, and when to come again", async () => {
    await stubs.users![Symbol.asyncDispose]();
    const answer = await ask("/api/users");
    expect([answer.status, JSON.parse(answer.text)]).toEqual([503, toProblem(new GoChatError("BUSY"))]);
    expect([answer.header("retry-after"), answer.header("cache-control")]).toEqual(["1", "no-store"]);
  });

  test("with documents that the contracts have too", () => {
    const template = readFileSync(join(import.meta.dirname, "nginx.conf.template"), "utf8");
    const written = [...template.matchAll(/return \d+ '(.*)';/g)].map(([, json]) => JSON.parse(json!));
    const codes: ErrorCode[] = ["NOT_FOUND", "METHOD_NOT_ALLOWED", "TOO_LARGE", "INTERNAL", "BUSY"];
    const expected = [unreadableRequest(), ...codes.map((code) => new GoChatError(code))];
    expect(written).toEqual(expected.map(toProblem));
  });
});

test.each(["/", script, "/metrics", "/api/auth/jwks.json", "/api/users", "/api/%00", "/ws/chat"])(
  "%s carries each security header once, and no version",
  async (path) => {
    const { head } = await ask(path);
    for (const [name, value] of Object.entries(headersOfAll)) {
      const found = [...head.matchAll(new RegExp(`^${name}: (.*)\r?$`, "gim"))].map(([, text]) =>
        text!.trim(),
      );
      expect([name, found]).toEqual([name, [value]]);
    }
    expect(head).toMatch(/^Server: nginx\r?$/m);
  },
);
