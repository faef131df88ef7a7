import { randomUUID } from "node:crypto";
import { endpoints } from "@gochat/contracts/http/endpoints";
import type { Person } from "@gochat/testing/people";
import { type GoChat, startGoChat } from "@gochat/testing/whole-gochat";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bystanders, startBystanders } from "../bystanders.ts";
import { exchange, sendRaw } from "../raw-http.ts";

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

/** What each call with a body would take, but for what the test does to it. */
const goodBodies: Readonly<Record<string, () => Record<string, unknown>>> = {
  "/api/auth/signup": () => ({
    email: "mia@example.org",
    username: "mia",
    password: "correct horse battery",
  }),
  "/api/auth/signin": () => ({ email: "mia@example.org", password: "correct horse battery" }),
  "/api/auth/password": () => ({ currentPassword: "not mine", newPassword: "correct horse battery" }),
  "/api/conversations": () => ({ userId: randomUUID() }),
  "/api/notifications/read": () => ({ ids: [randomUUID()] }),
};
const withBody = endpoints.filter(({ body }) => body).map(({ path }) => path);
const withoutBody = endpoints
  .filter(({ method, body }) => method === "POST" && !body)
  .map(({ path }) => path);

/** Replaces each string in turn, also those in lists. */
function* withEachText(path: string, text: string): Generator<string> {
  const good = goodBodies[path]!();
  for (const [name, value] of Object.entries(good)) {
    yield JSON.stringify({ ...good, [name]: Array.isArray(value) ? [text] : text });
  }
}

const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

function post(path: string, body: string | Buffer, headers: Record<string, string> = {}) {
  return sendRaw(gochat.url, {
    method: "POST",
    path,
    body,
    headers: { cookie: eve.cookie, "content-type": "application/json", ...headers },
  });
}

async function expectProblem(
  path: string,
  status: number,
  code: string,
  body: string | Buffer,
  headers = {},
) {
  const answer = await post(path, body, headers);
  expect([String(body).slice(0, 60), answer.status]).toEqual([String(body).slice(0, 60), status]);
  expect(answer.header("content-type")).toContain("application/problem+json");
  expect(answer.header("x-content-type-options")).toBe("nosniff");
  expect(JSON.parse(answer.text)).toMatchObject({ status, code, title: expect.any(String) });
  expect(answer.text).not.toMatch(/ at |node_modules|SELECT|fastify|postgres/i);
}

test("the samples name every call that has a body", () => {
  expect(Object.keys(goodBodies).sort()).toEqual([...withBody].sort());
});

describe.each(withBody)("POST %s", (path) => {
  test("refuses what is not an object of its schema", async () => {
    const good = goodBodies[path]!();
    const first = Object.keys(good)[0]!;
    for (const body of [
      "{",
      "[]",
      "null",
      "true",
      '"text"',
      "17",
      "{}",
      "\u0000",
      JSON.stringify({ ...good, role: "admin" }),
      JSON.stringify({ ...good, [first]: 17 }),
      JSON.stringify({ ...good, [first]: null }),
      JSON.stringify({ ...good, [first]: { $ne: null } }),
      `{"__proto__":{"admin":true},${JSON.stringify(good).slice(1)}`,
      `{"constructor":{"prototype":{"admin":true}},${JSON.stringify(good).slice(1)}`,
      `{"\\u005f\\u005fproto__":{"admin":true},${JSON.stringify(good).slice(1)}`,
    ]) {
      await expectProblem(path, 400, "INVALID_INPUT", body);
    }
  });

  test("refuses NUL and half of a surrogate pair in every text", async () => {
    for (const text of ["a\u0000b", "long enough \u0000 text", "\ud800", "long enough \udc00 text"]) {
      for (const body of withEachText(path, text)) await expectProblem(path, 400, "INVALID_INPUT", body);
    }
  });

  test("refuses bytes that are not UTF-8", async () => {
    const good = JSON.stringify(goodBodies[path]!());
    const inText = good.indexOf('":') + (good.includes("[") ? 4 : 3);
    const body = Buffer.concat([
      Buffer.from(good.slice(0, inText)),
      Buffer.from([0xff, 0xfe, 0xc0]),
      Buffer.from(good.slice(inText)),
    ]);
    await expectProblem(path, 400, "INVALID_INPUT", body);
  });

  test("refuses what is nested, however deep", async () => {
    await expectProblem(path, 400, "INVALID_INPUT", nested(1000));
    await expectProblem(path, 400, "INVALID_INPUT", nested(30_000));
    await expectProblem(path, 413, "TOO_LARGE", nested(200_000));
    await expectProblem(path, 413, "TOO_LARGE", `{"x":${nested(200_000)}}`);
  });

  test("refuses more than 64 KiB, up to ten megabytes and whatever length is claimed", async () => {
    const first = Object.keys(goodBodies[path]!())[0]!;
    const long = (bytes: number) => JSON.stringify({ [first]: "a".repeat(bytes) });
    await expectProblem(path, 413, "TOO_LARGE", long(64 * 1024));
    await expectProblem(path, 413, "TOO_LARGE", long(10 * 1024 * 1024));
    await expectProblem(path, 413, "TOO_LARGE", "{", { "content-length": "10485760" });
  });

  test("refuses other content types", async () => {
    const good = JSON.stringify(goodBodies[path]!());
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
      "text/json",
    ]) {
      await expectProblem(path, 415, "UNSUPPORTED_MEDIA_TYPE", good, { "content-type": type });
    }
  });
});

describe.each(withoutBody)("POST %s", (path) => {
  test("takes no body", async () => {
    for (const body of ['{"userId":"x"}', "[]", '{"__proto__":{"admin":true}}', "{"]) {
      await expectProblem(path, 400, "INVALID_INPUT", body);
    }
    await expectProblem(path, 413, "TOO_LARGE", "a".repeat(70 * 1024));
  });
});

test("ten megabytes do not keep a client that writes all before it reads from the answer", async () => {
  const { hostname, port, host } = new URL(gochat.url);
  const body = JSON.stringify({ email: "a".repeat(10 * 1024 * 1024) });
  const head = `POST /api/auth/signin HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n`;
  const answer = await exchange(hostname, Number(port), [
    `${head}content-length: ${body.length}\r\nconnection: close\r\n\r\n`,
    body,
  ]);
  expect(answer.status).toBe(413);
});
