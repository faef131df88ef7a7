import { randomUUID } from "node:crypto";
import { connect as connectTcp } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { GoChatError } from "@gochat/contracts/errors";
import type { ChatServerFrame } from "@gochat/contracts/sockets/chat";
import type { NotificationsServerFrame } from "@gochat/contracts/sockets/notifications";
import { accessToken, type Person } from "@gochat/testing/people";
import { connectChat, connectNotifications, UpgradeRefused } from "@gochat/testing/sockets";
import { Type } from "typebox";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createHttpServer, type HttpServer } from "./http-server.ts";
import { createKeys } from "./keys.ts";
import { createLogger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { readSettings } from "./settings.ts";
import { createSocketServer, type ServedSockets, type SocketServer } from "./socket-server.ts";
import { noTracing } from "./tracing.ts";

let http: HttpServer;
let sockets: SocketServer;
let sessions: Sessions;
let served: ServedSockets;
let gochat: { url: string };
let ana: Person;
const sessionId = randomUUID();
const ready: ChatServerFrame = {
  type: "ready",
  userId: randomUUID(),
  sessionId,
  serverTime: new Date().toISOString(),
  limits: { maxFrameBytes: 1, maxBodyCharacters: 1, maxUnacknowledged: 1, messagesPerSecond: 1, burst: 1 },
};
const guest = { cookie: "" } as Person;

beforeEach(async () => {
  const settings = readSettings({ TRUSTED_PROXIES: "loopback" });
  const logger = createLogger("silent");
  const keys = await createKeys();
  sessions = createSessions({ keys, settings, clock: Date.now });
  const metrics = createMetrics();
  http = await createHttpServer({ settings, sessions, logger, metrics, tracing: noTracing });
  sockets = createSocketServer({ settings, sessions, logger, metrics, clock: Date.now });
  const frames = {
    slow: Type.Object(
      { type: Type.Literal("slow"), n: Type.Integer(), ms: Type.Integer() },
      { additionalProperties: false },
    ),
    busy: Type.Object({ type: Type.Literal("busy") }, { additionalProperties: false }),
    flow: Type.Object({ type: Type.Literal("flow"), kib: Type.Integer() }, { additionalProperties: false }),
  };
  served = sockets.serve<ChatServerFrame, typeof frames>({
    path: "/ws/chat",
    guests: false,
    frames,
    open: (connection) => connection.send(ready),
    handle: {
      slow: async (connection, { n, ms }) => {
        await delay(ms);
        if (n < 0) throw new GoChatError("NOT_FOUND");
        connection.send({ type: "head", conversationId: sessionId, headSeq: n });
      },
      busy: () => {
        throw new GoChatError("BUSY");
      },
      flow: (connection, { kib }) => {
        for (let sent = 0; sent < kib; sent += 64)
          connection.send({ type: "error", code: "BUSY", detail: "x".repeat(64 * 1024) });
      },
    },
    closed: () => {},
  });
  sockets.serve<NotificationsServerFrame, Record<never, never>>({
    path: "/ws/notifications",
    guests: true,
    frames: {},
    open: (connection) => connection.send({ type: "ready", guest: !connection.identity }),
    handle: {},
    closed: () => {},
  });
  sockets.attach(http.app.server);
  await http.app.listen({ port: 0, host: "127.0.0.1" });
  gochat = { url: `http://127.0.0.1:${(http.app.server.address() as { port: number }).port}` };
  const identity = { id: randomUUID(), username: "ana" };
  ana = { ...identity, cookie: `auth=${await accessToken(keys, identity, Date.now(), sessionId)}` } as Person;
});

afterEach(async () => {
  await sockets.drain();
  await http.app.close();
});

describe("before the upgrade", () => {
  test.each([
    ["a guest", guest, {}, 401, "UNAUTHENTICATED"],
    ["no Origin", null, { origin: null }, 403, "FOREIGN_ORIGIN"],
    ["another site", null, { origin: "http://evil.test" }, 403, "FOREIGN_ORIGIN"],
    ["an opaque origin", null, { origin: "null" }, 403, "FOREIGN_ORIGIN"],
    ["a forged token", { cookie: "auth=eyJhbGciOiJub25lIn0.e30." } as Person, {}, 401, "UNAUTHENTICATED"],
  ])("the chat socket refuses %s with a problem", async (_who, person, options, status, code) => {
    const refused = await connectChat(gochat, person ?? ana, options).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UpgradeRefused);
    expect(refused).toMatchObject({ status, body: { code, status } });
    expect((refused as UpgradeRefused).headers["content-security-policy"]).toBeDefined();
  });

  test("the notification socket takes guests, also without Origin, but no other site", async () => {
    await using socket = await connectNotifications(gochat, guest, { origin: null });
    expect(socket.frames[0]).toEqual({ type: "ready", guest: true });
    await expect(connectNotifications(gochat, guest, { origin: "http://evil.test" })).rejects.toMatchObject({
      status: 403,
    });
  });

  test("guests behind a trusted proxy are counted each by its own network", { timeout: 15_000 }, async () => {
    await using open = new AsyncDisposableStack();
    const connect = async (address: string) =>
      open.use(await connectNotifications(gochat, guest, { headers: { "x-forwarded-for": address } }));
    for (let n = 1; n <= 100; n++) await connect(`2001:db8::${n}`);
    await expect(connect("2001:db8::abcd")).rejects.toMatchObject({ status: 429 });
    await connect("2001:db8:0:1::1");
    await connect("198.51.100.7");
  });

  test("an unknown path and a handshake that is none are problems", async () => {
    const { port } = new URL(gochat.url);
    const ask = (lines: string) =>
      new Promise<string>((resolve) => {
        const socket = connectTcp(Number(port), "127.0.0.1", () => socket.write(lines));
        let text = "";
        socket.on("data", (part) => {
          text += part;
        });
        socket.on("close", () => resolve(text));
      });
    const upgrade = `Host: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`;
    expect(await ask(`GET /ws/other HTTP/1.1\r\n${upgrade}\r\n`)).toMatch(
      /^HTTP\/1.1 404 [\s\S]*problem\+json[\s\S]*NOT_FOUND/,
    );
    expect(await ask(`GET /ws/notifications HTTP/1.1\r\n${upgrade}\r\n`)).toMatch(
      /^HTTP\/1.1 400 [\s\S]*INVALID_INPUT/,
    );
  });
});

describe("frames", () => {
  test("of one socket take effect in the order sent, also where a handler waits", async () => {
    await using socket = await connectChat(gochat, ana);
    for (let n = 1; n <= 20; n++) socket.send({ type: "slow", n, ms: (20 - n) % 5 });
    const done = [];
    for (let n = 1; n <= 20; n++) done.push((await socket.receives("head")).headSeq);
    expect(done).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  test("that are wrong are answered with an error, and the socket stays", async () => {
    await using socket = await connectChat(gochat, ana);
    socket.send({ type: "nonsense" });
    socket.send({ type: "slow", n: 1 });
    socket.sendText('{"type":"slow","n":1,"ms":0,"__proto__":{"x":1}}');
    socket.send({ type: "slow", n: -1, ms: 0 });
    for (const code of ["INVALID_INPUT", "INVALID_INPUT", "INVALID_INPUT", "NOT_FOUND"]) {
      expect((await socket.receives("error")).code).toBe(code);
    }
    socket.send({ type: "slow", n: 5, ms: 0 });
    await socket.receives("head");
  });

  test.each([
    ["not JSON", "{", 4400],
    ["no object", "[]", 4400],
    ["too deep", `{"type":"x","a":${"[".repeat(16)}${"]".repeat(16)}}`, 4400],
    ["200,000 levels", `${"[".repeat(30_000)}`, 4400],
    ["over 64 KiB", JSON.stringify({ type: "x", a: "a".repeat(70 * 1024) }), 1009],
  ])("that are %s close the socket", async (_what, text, code) => {
    await using socket = await connectChat(gochat, ana);
    socket.sendText(text);
    expect((await socket.closed).code).toBe(code);
  });

  test("that are refused by a busy server are no mistakes of the client", async () => {
    await using socket = await connectChat(gochat, ana);
    for (let n = 0; n < 15; n++) socket.send({ type: "busy" });
    for (let n = 0; n < 15; n++) expect((await socket.receives("error")).code).toBe("BUSY");
    socket.send({ type: "slow", n: 1, ms: 0 });
    await socket.receives("head");
  });

  test("that are binary close the socket", async () => {
    await using socket = await connectChat(gochat, ana);
    socket.sendBinary(new Uint8Array([1, 2, 3]));
    expect((await socket.closed).code).toBe(4400);
  });

  test("that are wrong ten times in a minute close the socket", async () => {
    await using socket = await connectChat(gochat, ana);
    for (let n = 0; n < 10; n++) socket.send({ type: "nonsense" });
    expect((await socket.closed).code).toBe(4400);
  });

  test("over 100 a second for three seconds close the socket", { timeout: 15_000 }, async () => {
    await using socket = await connectChat(gochat, ana);
    let isClosed = false;
    void socket.closed.then(() => {
      isClosed = true;
    });
    for (let round = 0; round < 80 && !isClosed; round++) {
      for (let n = 0; n < 20; n++) socket.send({ type: "slow", n, ms: 0 });
      await delay(100);
    }
    expect((await socket.closed).code).toBe(4429);
  });
});

describe("a socket", () => {
  test("that does not read is closed, and others notice nothing", async () => {
    await using slow = await connectChat(gochat, ana);
    await using other = await connectChat(gochat, ana);
    slow.send({ type: "flow", kib: 64 });
    await slow.receives("error");
    slow.pause();
    slow.send({ type: "flow", kib: 32 * 1024 });
    other.send({ type: "slow", n: 1, ms: 0 });
    await other.receives("head");
    for (let wait = 0; wait < 50 && served.all.size > 1; wait++) await delay(100);
    expect(served.all.size).toBe(1);
  });

  test("of an ended session is closed with 4401 and cannot come back", async () => {
    await using socket = await connectChat(gochat, ana);
    const at = new Date().toISOString();
    sessions.end({
      userId: ana.id,
      sessionId,
      at,
      tokensEndAt: new Date(Date.now() + 600_000).toISOString(),
    });
    expect((await socket.closed).code).toBe(4401);
    await expect(connectChat(gochat, ana)).rejects.toMatchObject({ status: 401 });
  });

  test("is asked to reconnect where frames may have been missed, and stays open until it does", async () => {
    await using socket = await connectChat(gochat, ana);
    served.askToReconnect();
    expect((await socket.receives("reconnect")).afterMs).toBeGreaterThanOrEqual(0);
    expect(served.all.size).toBe(1);
  });

  test("is told to reconnect before a planned close", async () => {
    await using socket = await connectChat(gochat, ana);
    await sockets.drain();
    expect((await socket.receives("reconnect")).afterMs).toBeGreaterThanOrEqual(0);
    expect((await socket.closed).code).toBe(1001);
    await expect(connectChat(gochat, ana)).rejects.toMatchObject({ status: 503, body: { code: "BUSY" } });
  });
});
