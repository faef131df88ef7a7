import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@gochat/engines/free-port";
import { startNginx } from "@gochat/engines/nginx";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";

let folder: string;
let ports: [number, number];
let servers: WebSocketServer[] = [];
const sockets: WebSocket[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-nginx-"));
  ports = [await freePort(), await freePort()];
});
afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await stopNodes();
  await rm(folder, { recursive: true, force: true });
});

async function startNodes(): Promise<void> {
  servers = ports.map((port) => new WebSocketServer({ host: "127.0.0.1", port }));
  await Promise.all(servers.map((server) => once(server, "listening")));
}

async function stopNodes(): Promise<void> {
  const stopping = servers.map((server) => new Promise((resolve) => server.close(resolve)));
  for (const server of servers) for (const client of server.clients) client.terminate();
  await Promise.all(stopping);
  servers = [];
}

async function opens(url: string): Promise<boolean> {
  const socket = new WebSocket(url);
  sockets.push(socket);
  return once(socket, "open").then(
    () => true,
    () => false,
  );
}

test.each(["chat", "notifications"])("once the nodes of %s are back, everybody is", async (path) => {
  const nodes = ports.map((port) => `127.0.0.1:${port}`);
  const nowhere = [`127.0.0.1:${await freePort()}`];
  const services = { auth: nowhere, users: nowhere, messages: nowhere, chat: nodes, notifications: nodes };
  await using nginx = await startNginx({ folder, port: await freePort(), nodes: services });
  const url = new URL(`/ws/${path}`, nginx.url.replace(/^http/, "ws")).href;
  expect(await opens(url)).toBe(false);
  await startNodes();
  for (let person = 1; person <= 10; person++) expect(await opens(url)).toBe(true);
});
