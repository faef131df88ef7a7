import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readSettings } from "./settings.ts";

let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-secrets-"));
  path = join(folder, "url");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("an address may be in a file, as secrets are mounted", async () => {
  await writeFile(path, "amqp://chat:Zk3-vJ9_x@broker\n");
  expect(readSettings({ BROKER_URL_FILE: path }).brokerUrl).toBe("amqp://chat:Zk3-vJ9_x@broker");
  expect(() => readSettings({ BROKER_URL: "amqp://broker", BROKER_URL_FILE: path })).toThrow(
    "Both BROKER_URL and BROKER_URL_FILE are set. Remove one of them.",
  );
  await writeFile(path, "redis://:Zk3-vJ9_x@cache");
  expect(readSettings({ CACHE_URL_FILE: path }).cacheUrl).toBe("redis://:Zk3-vJ9_x@cache");
});

test("what is in the file is checked as in the variable, and a file that is not there is named", async () => {
  await writeFile(path, "http://user:Zk3-vJ9_x@somewhere");
  expect(() => readSettings({ DATABASE_URL_FILE: path })).toThrow(
    /^DATABASE_URL must be an address (?!.*Zk3)/,
  );
  const missing = join(folder, "missing");
  expect(() => readSettings({ DATABASE_URL_FILE: missing })).toThrow(
    `DATABASE_URL_FILE names ${missing}, which cannot be read.`,
  );
});
