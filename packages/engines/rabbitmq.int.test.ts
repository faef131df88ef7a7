import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { findProcess } from "./process-file.ts";
import { type RabbitmqEngine, startRabbitmq } from "./rabbitmq.ts";

// Each start takes seconds, and several on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let folder: string;
let rabbitmq: RabbitmqEngine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-engine-"));
  rabbitmq = await startRabbitmq({
    folder,
    definitions: {
      users: [{ name: "chat", password: "of-the-test", tags: [], limits: {} }],
      vhosts: [{ name: "gochat" }],
      permissions: [{ user: "chat", vhost: "gochat", configure: "^chat\\.", write: "^$", read: "^$" }],
    },
  });
});
afterAll(async () => {
  await rabbitmq[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test("it has the users of its definitions and its administrator, and no guest", async () => {
  const { username, password, pathname } = new URL(rabbitmq.url);
  expect(pathname).toBe("/gochat");
  await rabbitmq.control("authenticate_user", username, password);
  await rabbitmq.control("authenticate_user", "chat", "of-the-test");
  await expect(rabbitmq.control("authenticate_user", "guest", "guest")).rejects.toThrow();
  const permissions = await rabbitmq.control("list_permissions", "--vhost", "gochat", "--silent");
  expect(permissions).toContain("chat\t^chat\\.\t^$\t^$");
});

test("killed, it comes back on the same ports with its data", async () => {
  await rabbitmq.control("add_vhost", "kept");
  const { pid, url } = rabbitmq;
  await rabbitmq.kill();
  expect(findProcess(pid)).toBeUndefined();
  await rabbitmq.restart();
  expect(rabbitmq.pid).not.toBe(pid);
  expect(rabbitmq.url).toBe(url);
  expect(await rabbitmq.control("list_vhosts", "--silent")).toContain("kept");
});

test("stopped, it leaves no process behind", async () => {
  const other = await startRabbitmq({ folder: join(folder, "other") });
  await other[Symbol.asyncDispose]();
  expect(findProcess(other.pid)).toBeUndefined();
  await expect(fetch(`http://127.0.0.1:${other.ports.epmd}`)).rejects.toThrow("fetch failed");
});
