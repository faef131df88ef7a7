import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { StartError } from "@gochat/database/start-error";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type FrontDoor, openFrontDoor } from "./front-door.ts";

let door: FrontDoor;

beforeEach(async () => {
  door = await openFrontDoor({ port: 0, publicUrl: undefined });
});
afterEach(() => door.close());

async function ask(path: string, init: RequestInit = {}) {
  const answer = await fetch(new URL(path, door.url), init);
  const type = answer.headers.get("content-type");
  return { status: answer.status, headers: answer.headers, type, body: await answer.json() };
}

/** Status line of what a server that cannot be asked by fetch answers to these bytes. */
async function firstLineAfter(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(door.url).port), "localhost");
  await once(socket, "connect");
  socket.write(bytes);
  const [answer] = await once(socket, "data");
  socket.destroy();
  return String(answer).split("\r\n", 1)[0]!;
}

test("while it waits the process lives, says for what, and sends everybody else away for a moment", async () => {
  door.report("database");
  door.report("broker", async () => {});
  door.report("cache", () => Promise.reject(new Error("It went away again.")));
  expect(await ask("/healthz")).toMatchObject({ status: 200, body: { status: "ok" } });
  const ready = await ask("/readyz");
  expect(ready).toMatchObject({
    status: 503,
    body: { status: "waiting", checks: { database: "waiting", broker: "ok", cache: "waiting" } },
  });
  expect(ready.headers.get("retry-after")).toBe("1");
  const api = await ask("/api/auth/signin?x=1", { method: "POST", body: "{}" });
  expect(api).toMatchObject({ status: 503, body: { code: "BUSY", status: 503 } });
  expect(api.type).toContain("application/problem+json");
  expect(api.headers.get("retry-after")).toBe("1");
  expect(api.headers.get("content-security-policy")).toContain("default-src 'self'");
});

test("while it waits a socket is refused, and so is what is no request", async () => {
  const socket = new WebSocket(new URL("/ws/chat", door.url));
  const [error] = await once(socket, "error");
  expect(error.message).toContain("503");
  expect(await firstLineAfter("nonsense\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
});

test("once open, everything is for the server behind it", async () => {
  const inside = createServer((request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(request.url));
  });
  inside.on("upgrade", (_request, socket) => socket.end("HTTP/1.1 418 Inside\r\n\r\n"));
  inside.on("clientError", (_error, socket) => socket.end("HTTP/1.1 419 Inside\r\n\r\n"));
  door.open(inside);
  expect(await ask("/healthz?x")).toMatchObject({ status: 200, body: "/healthz?x" });
  const upgrade = "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
  expect(await firstLineAfter(upgrade)).toContain("418");
  expect(await firstLineAfter("nonsense\r\n\r\n")).toContain("419");
});

test("who asks for a socket while it waits and hangs up ends nobody else", async () => {
  const socket = connect(Number(new URL(door.url).port), "localhost");
  await once(socket, "connect");
  socket.write("GET /ws/chat HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
  await once(socket, "data");
  socket.resetAndDestroy();
  await once(socket, "close");
  expect(await ask("/healthz")).toMatchObject({ status: 200 });
});

test("a port that is taken is named", async () => {
  const { port } = new URL(door.url);
  const second = openFrontDoor({ port: Number(port), publicUrl: undefined });
  await expect(second).rejects.toThrow(StartError);
  await expect(second).rejects.toThrow(`Port ${port} is taken by another program.`);
});

test("it listens on the address that is asked for, and on no other", async () => {
  const settings = { port: 0, publicUrl: undefined };
  const near = await openFrontDoor({ ...settings, listenAddress: "127.0.0.1" });
  const { port } = new URL(near.url);
  try {
    expect(near.url).toBe(`http://127.0.0.1:${port}`);
    expect((await fetch(new URL("/healthz", near.url))).status).toBe(200);
    const others = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
    for (const { address, family } of others) {
      if (family !== "IPv4" || address === "127.0.0.1") continue;
      await expect(fetch(`http://${address}:${port}/healthz`)).rejects.toThrow();
    }
  } finally {
    await near.close();
  }
  const far = openFrontDoor({ ...settings, listenAddress: "203.0.113.9" });
  await expect(far).rejects.toThrow("LISTEN_ADDRESS=203.0.113.9 is no address of this machine.");
});
