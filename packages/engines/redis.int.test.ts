import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine } from "./engine.ts";
import { findProcess } from "./process-file.ts";
import { startRedis } from "./redis.ts";

let folder: string;
let redis: Engine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-engine-"));
  redis = await startRedis({ folder, password: "of-the-test" });
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function ask(url: string, ...command: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("redis-cli", ["--no-auth-warning", "-u", url, ...command]);
  return stdout.trim();
}

test("it asks for its password, and leaves alone what has no time to live", async () => {
  expect(await ask(redis.url, "CONFIG", "GET", "maxmemory-policy")).toContain("volatile-lru");
  const stranger = Object.assign(new URL(redis.url), { username: "", password: "" });
  expect(await ask(stranger.href, "PING")).toContain("NOAUTH");
});

test("killed, it comes back on the same port, empty", async () => {
  expect(await ask(redis.url, "SET", "key", "value")).toBe("OK");
  const { pid } = redis;
  await redis.kill();
  expect(findProcess(pid)).toBeUndefined();
  await expect(ask(redis.url, "PING")).rejects.toThrow("Connection refused");
  await redis.restart();
  expect(redis.pid).not.toBe(pid);
  expect(await ask(redis.url, "GET", "key")).toBe("");
});

test("one that a killed process left behind is ended by the next start in its folder", async () => {
  const other = join(folder, "other");
  const left = await startRedis({ folder: other });
  await using next = await startRedis({ folder: other });
  expect(findProcess(left.pid)).toBeUndefined();
  expect(await ask(next.url, "PING")).toBe("PONG");
});
