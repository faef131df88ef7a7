import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "@gochat/engines/engine";
import { startPostgres } from "@gochat/engines/postgres";
import pg from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { connectPostgres } from "../postgres.ts";

const migrations = new URL("./migrations/", import.meta.url);
let folder: string;
let postgres: Engine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-restart-"));
  postgres = await startPostgres({ folder });
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test("the pool goes on after all its connections were ended, and after a crash of PostgreSQL", async () => {
  await using server = await connectPostgres({ url: postgres.url });
  const database = await server.open("auth", migrations);
  const insert = (name: string) => database.query("INSERT INTO things (name) VALUES ($1)", [name]);
  await Promise.all(["one", "two", "three"].map(insert));

  await endAllConnections();
  await eventually(() => insert("after the end"));

  await postgres.kill();
  // The server processes of its connections may see a moment later that it is gone.
  await eventually(() => expect(database.query("SELECT 1")).rejects.toThrow());
  await postgres.restart();
  await eventually(() => insert("after the crash"));
  const names = await database.query("SELECT name FROM things ORDER BY id");
  expect(names.map(({ name }) => name).sort()).toEqual([
    "after the crash",
    "after the end",
    "one",
    "three",
    "two",
  ]);
});

test("one that is away while a service opens its database is waited for, until the signal", async () => {
  const stopping = new AbortController();
  await using server = await connectPostgres({
    url: postgres.url,
    waitMs: Infinity,
    signal: stopping.signal,
  });
  await postgres.kill();
  const opening = server.open("users", migrations);
  const later = connectPostgres({ url: postgres.url, waitMs: Infinity, signal: stopping.signal });
  await postgres.restart();
  await (await opening).ping();
  await (await later)[Symbol.asyncDispose]();

  await postgres.kill();
  const neverOpened = server.open("chat", migrations);
  stopping.abort();
  await expect(neverOpened).rejects.toMatchObject({ name: "AbortError" });
  await postgres.restart();
});

function eventually(attempt: () => Promise<unknown>): Promise<unknown> {
  return vi.waitFor(attempt, { timeout: 15_000, interval: 50 });
}

async function endAllConnections(): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()");
  await client.end();
}
