import { randomUUID } from "node:crypto";
import type { Endpoint } from "@gochat/contracts/http/endpoint";
import { endpoints } from "@gochat/contracts/http/endpoints";
import type { Person } from "@gochat/testing/people";
import { type GoChat, startGoChat } from "@gochat/testing/whole-gochat";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bystanders, startBystanders } from "../bystanders.ts";
import { exchange, type RawAnswer, type RawRequest, sendRaw } from "../raw-http.ts";

let gochat: GoChat;
let eve: Person;
let bystanders: Bystanders;

beforeAll(async () => {
  gochat = await startGoChat();
  eve = await gochat.signUp("eve");
  bystanders = await startBystanders(gochat);
});
afterAll(async () => {
  await bystanders.finish();
  await gochat[Symbol.asyncDispose]();
});

function ask(request: Partial<RawRequest> & { path: string }): Promise<RawAnswer> {
  const { method = "GET", headers, ...rest } = request;
  return sendRaw(gochat.url, { method, ...rest, headers: { cookie: eve.cookie, ...headers } });
}

function expectProblem(answer: RawAnswer, status: number, code: string): void {
  expect([answer.status, answer.header("content-type"), JSON.parse(answer.text)]).toMatchObject([
    status,
    expect.stringContaining("application/problem+json"),
    { status, code, type: expect.any(String), title: expect.any(String), detail: expect.any(String) },
  ]);
}

const reads = endpoints.filter(({ method }) => method === "GET");
const lists = reads.filter(({ query }) => query);
const byId = endpoints.filter(({ path }) => path.includes(":id"));
const addressOf = ({ path }: Endpoint, id: string = randomUUID()) => path.replace(":id", id);
const needed = ({ path }: Endpoint) => (path.endsWith("/changes") ? "after=0&" : "");

describe.each(lists)("$method $path", (endpoint) => {
  test.each([
    "page=2",
    "limit=0",
    "limit=-1",
    "limit=501",
    "limit=1.5",
    "limit=1e1",
    "limit=0x10",
    "limit=",
    "limit=99999999999999999999",
    "limit=1&limit=2",
    "limit[]=1",
    "__proto__=1",
    "__proto__[admin]=1",
    "cursor=%00",
    "cursor=%ED%A0%80",
    "limit=%00",
  ])("refuses ?%s", async (query) => {
    expectProblem(
      await ask({ path: `${addressOf(endpoint)}?${needed(endpoint)}${query}` }),
      400,
      "INVALID_INPUT",
    );
  });
});

test.each([
  "before=1&after=1",
  "after=1&around=1",
  "before=1&around=1",
  "before=-1",
  "after=x",
  "around=1.5",
])("a page of history refuses ?%s", async (query) => {
  const answer = await ask({ path: `/api/conversations/${randomUUID()}/messages?${query}` });
  expectProblem(answer, 400, "INVALID_INPUT");
});

test.each([
  "sort=age",
  "direction=up",
  "q=%00",
  "q=%ED%A0%80",
  `q=${"a".repeat(1000)}`,
  "sort=status&sort=username",
])("the directory refuses ?%s", async (query) => {
  expectProblem(await ask({ path: `/api/users?${query}` }), 400, "INVALID_INPUT");
});

test.each(["q=%25", "q=_", "q=%27%3B--", "q=%5C", "q=ANA"])(
  "the directory takes ?%s for plain text",
  async (query) => {
    const answer = await ask({ path: `/api/users?${query}` });
    expect([answer.status, JSON.parse(answer.text).users]).toEqual([200, []]);
  },
);

describe.each(byId)("$method $path", (endpoint) => {
  test.each([
    "x",
    "%00",
    "%ED%A0%80",
    "__proto__",
    "%27%20OR%201=1",
    "a".repeat(300),
    "..%2f..%2fetc%2fpasswd",
  ])("takes %s for no id", async (id) => {
    const answer = await ask({ method: endpoint.method, path: addressOf(endpoint, id) });
    expect([400, 404]).toContain(answer.status);
    expect(answer.header("content-type")).toContain("application/problem+json");
  });
});

describe("what is not there", () => {
  test.each(["/api", "/api/", "/api/nothing", "/api/users/x/y", "/api/__proto__", "/ws/chat/x", "/api/%00"])(
    "%s is a problem document",
    async (path) => {
      const answer = await ask({ path });
      expect([400, 404]).toContain(answer.status);
      expect(JSON.parse(answer.text).code).toMatch(/NOT_FOUND|INVALID_INPUT/);
    },
  );

  test.each([
    ["PUT", "/api/users"],
    ["DELETE", "/api/auth/signup"],
    ["GET", "/api/auth/signin"],
    ["PATCH", `/api/conversations/${randomUUID()}`],
    ["POST", "/api/users"],
    ["DELETE", "/api/notifications"],
  ])("%s %s is not allowed, and the answer says what is", async (method, path) => {
    const answer = await ask({ method, path });
    expectProblem(answer, 405, "METHOD_NOT_ALLOWED");
    expect(answer.header("allow")).toMatch(/GET|POST|DELETE/);
  });
});

describe("what is no HTTP", () => {
  const { hostname, port } = { hostname: "localhost", port: () => Number(new URL(gochat.url).port) };

  test.each([
    ["a line of noise", "\u0001\u0002\u0003\r\n\r\n"],
    ["an endless header", `GET /api/users HTTP/1.1\r\nhost: x\r\nx: ${"a".repeat(100_000)}\r\n\r\n`],
    [
      "two lengths",
      "POST /api/auth/signin HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
    ],
    [
      "a length and chunks",
      "POST /api/auth/signin HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["no host", "GET /api/users HTTP/1.1\r\n\r\n"],
    ["a broken escape", "GET /api/users/%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"],
  ])("%s is refused", async (_what, bytes) => {
    const answer = await exchange(hostname, port(), [bytes]);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  });
});

describe("every answer", () => {
  const paths = [
    "/api/users",
    "/api/nothing",
    "/healthz",
    "/api/auth/jwks.json",
    "/api/conversations",
    "/docs/x",
  ];

  test.each(paths)("of %s carries the security headers and no version", async (path) => {
    const answer = await sendRaw(gochat.url, { method: "GET", path });
    expect(answer.header("content-security-policy")).not.toContain("unsafe-inline");
    expect(answer.header("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(answer.header("x-content-type-options")).toBe("nosniff");
    expect(answer.header("referrer-policy")).toBeDefined();
    expect(answer.header("server") ?? "").not.toMatch(/\d/);
    expect(answer.header("x-powered-by")).toBeUndefined();
  });

  test("to a guest is 401 where a person is asked for", async () => {
    for (const endpoint of endpoints.filter(({ access }) => access === "person")) {
      const body =
        endpoint.method === "POST" ? { body: "{}", headers: { "content-type": "application/json" } } : {};
      const answer = await sendRaw(gochat.url, {
        method: endpoint.method,
        path: addressOf(endpoint),
        ...body,
      });
      expectProblem(answer, 401, "UNAUTHENTICATED");
    }
  });
});
