import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { definitionsFor } from "@gochat/broker/definitions";
import type { Engine } from "@gochat/engines/engine";
import { startPostgres } from "@gochat/engines/postgres";
import { type RabbitmqEngine, startRabbitmq } from "@gochat/engines/rabbitmq";
import { startRedis } from "@gochat/engines/redis";
import { createServiceDatabases } from "@gochat/engines/service-databases";
import { createPerson } from "@gochat/testing/people";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stack, startStack } from "./stack.ts";

const resources = new AsyncDisposableStack();
const ownPassword = "Zk3-vJ9_x";
let folder: string;
let postgres: Engine;
let rabbitmq: RabbitmqEngine;
let redis: Engine;
let stack: Stack;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-given-"));
  resources.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const definitions = definitionsFor({ passwords: { chat: ownPassword } });
  postgres = resources.use(await startPostgres({ folder: join(folder, "postgres") }));
  rabbitmq = resources.use(await startRabbitmq({ folder: join(folder, "rabbitmq"), definitions }));
  redis = resources.use(await startRedis({ folder: join(folder, "redis"), password: ownPassword }));
  const databases = await createServiceDatabases(postgres.url, { messages: ownPassword });
  const inFile = async (name: string, url: string) => {
    await writeFile(join(folder, name), `${url}\n`);
    return join(folder, name);
  };
  stack = resources.use(
    await startStack({
      folder: join(folder, "stack"),
      environment: {
        PATH: process.env.PATH,
        PORT: "0",
        LOG_LEVEL: "warn",
        DATABASE_URL: postgres.url,
        DATABASE_URL_MESSAGES: databases.messages,
        BROKER_URL_FILE: await inFile("broker-url", rabbitmq.url),
        BROKER_URL_CHAT: Object.assign(new URL(rabbitmq.url), { username: "chat", password: ownPassword })
          .href,
        CACHE_URL_FILE: await inFile("cache-url", redis.url),
      },
    }),
  );
}, 180_000);
afterAll(() => resources.disposeAsync(), 60_000);

async function schemasIn(database: string): Promise<string[]> {
  const client = new pg.Client({
    connectionString: Object.assign(new URL(postgres.url), { pathname: database }).href,
  });
  await client.connect();
  const { rows } = await client.query(
    "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'gochat%' ORDER BY nspname",
  );
  await client.end();
  return rows.map(({ nspname }) => nspname);
}

test("the stack uses the engines that it is given, and starts none", async () => {
  expect(stack.state).toMatchObject({
    postgres: { pid: null, url: postgres.url },
    rabbitmq: { pid: null, url: rabbitmq.url },
    redis: { pid: null, url: redis.url },
  });
  for (const engine of ["postgres", "rabbitmq", "redis"]) {
    expect(existsSync(join(stack.folder, engine))).toBe(false);
  }
  const ana = createPerson(stack.url, { id: "", username: "ana" });
  const { email, username, password } = ana;
  expect((await ana.request("POST", "/api/auth/signup", { email, username, password })).status).toBe(201);
});

test("a service has the database and the user of the broker that it alone is given", async () => {
  expect(await schemasIn("/messages")).toEqual(["gochat_messages"]);
  expect(await schemasIn("/postgres")).toEqual(["gochat_auth", "gochat_notifications", "gochat_users"]);
  const users = await rabbitmq.control("list_connections", "user", "--silent");
  expect([...new Set(users.split("\n"))].sort()).toEqual(["administrator", "chat"]);
}, 60_000);
