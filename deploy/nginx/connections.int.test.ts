import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, get, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import type { Engine } from "@gochat/engines/engine";
import { freePort } from "@gochat/engines/free-port";
import { startNginx } from "@gochat/engines/nginx";
import { membersOf } from "@gochat/engines/process-file";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Echo, type StubService, startStubService } from "./stub-service.ts";

let folder: string;
let stub: StubService;
let nginx: Engine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-nginx-"));
  stub = await startStubService("any");
  const here = [stub.address];
  using _ = limitOpenFiles(1_024);
  nginx = await startNginx({
    folder,
    port: await freePort(),
    nodes: { auth: here, users: here, chat: here, messages: here, notifications: here },
    workers: 2,
  });
});
afterAll(async () => {
  await nginx[Symbol.asyncDispose]();
  await stub[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function openFilesOf(pid: number | "self"): { soft: number; hard: number } {
  const limits = readFileSync(`/proc/${pid}/limits`, "utf8");
  const [, soft, hard] = /^Max open files +(\d+) +(\d+)/m.exec(limits)!;
  return { soft: Number(soft), hard: Number(hard) };
}

/** As a shell or a container starts a program; Node.js gives those that it starts all that it may. */
function limitOpenFiles(count: number): Disposable {
  const { soft } = openFilesOf("self");
  const limit = (value: number) => execFileSync("prlimit", [`--pid=${process.pid}`, `--nofile=${value}:`]);
  limit(count);
  return { [Symbol.dispose]: () => limit(soft) };
}

test("it has the workers that it is told, each with a file for each of its connections", () => {
  const workers = membersOf(nginx.pid, folder).filter(({ pid }) => pid !== nginx.pid);
  expect(workers).toHaveLength(2);
  const configuration = readFileSync(join(folder, "nginx.conf"), "utf8");
  const connections = Number(/worker_connections (\d+);/.exec(configuration)![1]);
  expect(openFilesOf(nginx.pid).soft).toBe(1_024);
  for (const { pid } of workers) {
    const { soft, hard } = openFilesOf(pid);
    expect(soft).toBeGreaterThan(Math.min(connections, hard - 1));
  }
});

test.each(["/api/auth/currentuser", "/api/users", "/api/conversations", "/api/notifications"])(
  "%s goes again by the connection to the service that is there",
  async (path) => {
    // One connection to the gateway, so that one worker has both requests.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = async () => {
      const [answer] = await once(get(new URL(path, nginx.url), { agent }), "response");
      return (await json(answer as IncomingMessage)) as Echo;
    };
    const [first, second] = [await ask(), await ask()];
    agent.destroy();
    expect(first.port).toBeGreaterThan(0);
    expect(second.port).toBe(first.port);
  },
);

test("who sends a head or a body too slowly is cut off, before any service hears of it", async () => {
  const before = stub.seen.requests;
  const halves = [
    "GET /api/users HTTP/1.1\r\nhost: x\r\n",
    "POST /api/auth/signin HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n12345",
  ];
  await Promise.all(
    halves.map(async (half) => {
      const socket = connect(Number(new URL(nginx.url).port), "localhost");
      socket.on("error", () => {}).resume();
      socket.write(half);
      await new Promise((resolve) => socket.once("close", resolve));
    }),
  );
  expect(stub.seen.requests).toBe(before);
}, 30_000);
