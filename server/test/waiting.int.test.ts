import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@gochat/engines/free-port";
import { startPostgres } from "@gochat/engines/postgres";
import { startRabbitmq } from "@gochat/engines/rabbitmq";
import { startRedis } from "@gochat/engines/redis";
import { loadOrCreateKeys } from "@gochat/runtime/keys";
import { type Program, startProgram } from "@gochat/testing/program";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

let folder: string;
let programs: Program[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-waiting-"));
  await loadOrCreateKeys(folder);
  programs = [];
});
afterEach(async () => {
  for (const program of programs) program.process.kill("SIGKILL");
  await Promise.all(programs.map(({ ended }) => ended));
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

function start(names: readonly string[], settings: Readonly<Record<string, string>>): Program {
  const keys = { KEYS_FILE: join(folder, "keys.json"), GOCHAT_DATA: join(folder, "data") };
  const program = startProgram({ LOG_LEVEL: "silent", ...keys, ...settings }, names);
  programs.push(program);
  return program;
}

async function ask(port: number, path: string) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: "close" } });
  const body = (await answer.json()) as { readonly code?: string; readonly checks?: object };
  return { status: answer.status, retryAfter: answer.headers.get("retry-after"), body };
}

function eventually<Result>(assertion: () => Promise<Result>): Promise<Result> {
  return vi.waitFor(assertion, { timeout: 60_000, interval: 100 });
}

const nowhere = {
  BROKER_URL: "amqp://127.0.0.1:1",
  CACHE_URL: "redis://127.0.0.1:1",
  DATABASE_URL: "postgres://nobody@127.0.0.1:1/none",
};

test("a process waits for its engines, says for which, and starts when they come, one after the other", async () => {
  const [port, amqp, redisPort, postgresPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  await using engines = new AsyncDisposableStack();
  // Started and ended once, so that its password is known before it comes.
  const postgres = engines.use(await startPostgres({ folder: join(folder, "postgres"), port: postgresPort }));
  const rabbitmq = engines.use(await startRabbitmq({ folder: join(folder, "rabbitmq"), ports: { amqp } }));
  await Promise.all([postgres.kill(), rabbitmq.kill()]);
  const urls = { BROKER_URL: rabbitmq.url, DATABASE_URL: postgres.url };
  const program = start(["messages"], {
    ...urls,
    PORT: String(port),
    CACHE_URL: `redis://127.0.0.1:${redisPort}`,
  });

  await eventually(async () => expect((await ask(port, "/healthz")).status).toBe(200));
  expect(await ask(port, "/api/conversations")).toMatchObject({
    status: 503,
    retryAfter: "1",
    body: { code: "BUSY" },
  });
  const checks = async () => (await ask(port, "/readyz")).body.checks;
  await eventually(async () =>
    expect(await checks()).toEqual({ database: "waiting", broker: "waiting", cache: "waiting" }),
  );
  await postgres.restart();
  await eventually(async () => expect(await checks()).toMatchObject({ database: "ok", broker: "waiting" }));
  await rabbitmq.restart();
  await program.ready;

  // A cache that is away keeps nobody from working, but it is told.
  expect((await ask(port, "/api/conversations")).status).toBe(401);
  expect(await ask(port, "/readyz")).toMatchObject({
    status: 503,
    body: { checks: { broker: "ok", cache: "waiting", "database of messages": "ok" } },
  });
  expect((await ask(port, "/readyz?optional=cache")).status).toBe(200);
  engines.use(await startRedis({ folder: join(folder, "redis"), port: redisPort }));
  await eventually(async () => expect((await ask(port, "/readyz")).status).toBe(200));

  const other = start(["auth"], urls);
  await other.ready;
  program.process.kill("SIGTERM");
  expect(await program.ended).toBe(0);
  expect(program.errors.text).toBe("");

  // With nothing left to hand its last words to, it still leaves in order.
  await Promise.all([postgres.kill(), rabbitmq.kill()]);
  other.process.kill("SIGTERM");
  expect(await other.ended).toBe(0);
  expect(other.errors.text).toBe("");
}, 180_000);

test.each(["SIGTERM", "SIGINT"] as const)("%s ends the waiting at once, in order", async (signal) => {
  const port = await freePort();
  const program = start(["users"], { ...nowhere, PORT: String(port) });
  await eventually(async () => expect((await ask(port, "/readyz")).status).toBe(503));
  program.process.kill(signal);
  expect(await program.ended).toBe(0);
  expect(program.errors.text).toBe("");
});

test("a whole GoChat with a database by URL waits for it too, and has broker and cache in itself", async () => {
  const port = await freePort();
  const program = start([], { DATABASE_URL: nowhere.DATABASE_URL, PORT: String(port) });
  await eventually(async () =>
    expect((await ask(port, "/readyz")).body.checks).toEqual({
      database: "waiting",
      broker: "ok",
      cache: "ok",
    }),
  );
  program.process.kill("SIGTERM");
  expect(await program.ended).toBe(0);
});
