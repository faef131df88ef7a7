import { randomUUID } from "node:crypto";
import type { Person } from "@gochat/testing/people";
import { connectChat, connectNotifications } from "@gochat/testing/sockets";
import { type GoChat, startGoChat } from "@gochat/testing/whole-gochat";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sendRaw } from "../raw-http.ts";

let gochat: GoChat;
let ana: Person;

beforeAll(async () => {
  gochat = await startGoChat();
  ana = await gochat.signUp("ana");
});
afterAll(() => gochat[Symbol.asyncDispose]());

const foreign = [
  "https://evil.example",
  "null",
  "file://",
  "http://localhost",
  "http://localhost.evil.example",
];

describe("a page of another site", () => {
  test.each(foreign)("cannot open a chat socket from %s", async (origin) => {
    await expect(connectChat(gochat, ana, { origin })).rejects.toMatchObject({
      status: 403,
      body: { code: "FOREIGN_ORIGIN" },
    });
  });

  test.each(foreign)("cannot open a notification socket from %s", async (origin) => {
    await expect(connectNotifications(gochat, ana, { origin })).rejects.toMatchObject({ status: 403 });
  });

  test("cannot do anything with the cookies of who looks at it", async () => {
    const calls = [
      ["POST", "/api/auth/signout", undefined],
      ["POST", "/api/auth/refresh", undefined],
      ["POST", "/api/auth/signin", { email: ana.email, password: ana.password }],
      ["POST", "/api/conversations", { userId: randomUUID() }],
      ["POST", "/api/notifications/read", { all: true }],
      ["DELETE", `/api/auth/sessions/${randomUUID()}`, undefined],
    ] as const;
    for (const [method, path, body] of calls) {
      for (const headers of [{ origin: "https://evil.example" }, { origin: "null" }]) {
        const answer = await sendRaw(gochat.url, {
          method,
          path,
          headers: { cookie: ana.cookie, "content-type": "application/json", ...headers },
          ...(body && { body: JSON.stringify(body) }),
        });
        expect([path, answer.status, JSON.parse(answer.text).code]).toEqual([path, 403, "FOREIGN_ORIGIN"]);
      }
      const answer = await ana.request(method, path, body, { "sec-fetch-site": "cross-site" });
      expect([path, answer.status, answer.body.code]).toEqual([path, 403, "FOREIGN_ORIGIN"]);
    }
    expect((await ana.request("GET", "/api/auth/currentuser")).status).toBe(200);
  });
});

describe("an upgrade", () => {
  test("to the chat is not for who sends no Origin, nor for guests", async () => {
    await expect(connectChat(gochat, ana, { origin: null })).rejects.toMatchObject({
      status: 403,
      body: { code: "FOREIGN_ORIGIN" },
    });
    await expect(connectChat(gochat, gochat.guest())).rejects.toMatchObject({
      status: 401,
      headers: { "x-content-type-options": "nosniff" },
      body: { code: "UNAUTHENTICATED", status: 401 },
    });
  });

  test("to the notifications makes a guest of who sends no Origin", async () => {
    await using socket = await connectNotifications(gochat, ana, { origin: null });
    expect(socket.frames[0]).toEqual({ type: "ready", guest: true });
  });

  test("to anything else is a problem document", async () => {
    const upgrade = {
      connection: "close, upgrade",
      upgrade: "websocket",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "sec-websocket-version": "13",
      origin: gochat.url,
    };
    for (const path of ["/ws", "/ws/other", "/ws/__proto__"]) {
      const answer = await sendRaw(gochat.url, { method: "GET", path, headers: upgrade });
      expect([path, answer.status]).toEqual([path, 404]);
      expect(JSON.parse(answer.text).code).toBe("NOT_FOUND");
    }
    const broken = { ...upgrade, "sec-websocket-version": "1" };
    const answer = await sendRaw(gochat.url, { method: "GET", path: "/ws/notifications", headers: broken });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  });
});

test("where a public URL is set, its origin alone is one's own", async () => {
  await using named = await startGoChat({ settings: { publicUrl: new URL("http://chat.example.org") } });
  const bob = await named.signUp("bob");
  await using socket = await connectChat(named, bob, { origin: "http://chat.example.org" });
  expect(socket.frames[0]?.type).toBe("ready");
  await expect(connectChat(named, bob)).rejects.toMatchObject({ status: 403 });
});
