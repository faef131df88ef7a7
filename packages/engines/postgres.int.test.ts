import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectPostgres } from "@gochat/database/postgres";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine } from "./engine.ts";
import { startPostgres } from "./postgres.ts";
import { findProcess } from "./process-file.ts";
import { createServiceDatabases } from "./service-databases.ts";

let folder: string;
let postgres: Engine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-engine-"));
  postgres = await startPostgres({ folder });
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function ask(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test("it is durable enough for GoChat, and asks for its password", async () => {
  await connectPostgres({ url: postgres.url });
  const wrong = new URL(postgres.url);
  wrong.password = "wrong";
  await expect(ask(wrong.href, "SELECT 1")).rejects.toThrow(/password/);
});

test("killed, it comes back on the same port with its data", async () => {
  await ask(postgres.url, "CREATE TABLE kept AS SELECT 17 AS value");
  const { pid } = postgres;
  await postgres.kill();
  expect(findProcess(pid)).toBeUndefined();
  await expect(ask(postgres.url, "SELECT 1")).rejects.toThrow();
  await postgres.restart();
  expect(postgres.pid).not.toBe(pid);
  expect(await ask(postgres.url, "SELECT value FROM kept")).toEqual([{ value: 17 }]);
});

test("each service has a database that no other enters, also when they are asked for again", async () => {
  const passwords = { messages: "one-password", users: "another-password" };
  await createServiceDatabases(postgres.url, passwords);
  const urls = await createServiceDatabases(postgres.url, passwords);
  expect(await ask(urls.messages!, "SELECT current_user, current_database()")).toEqual([
    { current_user: "messages", current_database: "messages" },
  ]);
  const foreign = Object.assign(new URL(urls.messages!), { pathname: "/users" });
  await expect(ask(foreign.href, "SELECT 1")).rejects.toThrow(/permission denied/);
  await using server = await connectPostgres({ url: urls.messages! });
  const migrations = new URL("../../services/messages/migrations/", import.meta.url);
  await (await server.open("messages", migrations)).ping();
});
