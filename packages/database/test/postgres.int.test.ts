import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@gochat/engines/postgres";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import {
  bigintArray,
  byteaArrayOf,
  int4Array,
  multirangeArray,
  textArray,
  timeArray,
  uuidArray,
  uuidArrayOf,
} from "../binary-arrays.ts";
import type { Database } from "../database.ts";
import { connectPostgres } from "../postgres.ts";
import { StartError } from "../start-error.ts";

const url = inject("postgresUrl");
const migrations = new URL("./migrations/", import.meta.url);

function prefix(): string {
  return `t${randomBytes(5).toString("hex")}_`;
}

async function asSuperuser<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function names(database: Database): Promise<unknown[]> {
  const rows = await database.query("SELECT name FROM things ORDER BY id");
  return rows.map(({ name }) => name);
}

test("a service gets its schema, its tables and numbers for bigints", async () => {
  await using server = await connectPostgres({ url, schemaPrefix: prefix() });
  const database = await server.open("auth", migrations);
  const [row] = await database.query(
    "INSERT INTO things (name) VALUES ('one') RETURNING id, thing_count() AS count",
  );
  expect(row).toEqual({ id: 1, count: 1 });
  const [kinds] = await database.query(
    "SELECT '{1,NULL}'::bigint[] AS list, '1.50'::numeric AS amount, timestamptz '2024-05-06 07:08:09.123456Z' AS at",
  );
  expect(kinds).toEqual({ list: [1, null], amount: "1.50", at: new Date("2024-05-06T07:08:09.123Z") });
  await expect(database.query("SELECT 9007199254740993")).rejects.toThrow("does not fit");
  expect(pg.types.getTypeParser(20)("1")).toBe("1");
});

test("PostgreSQL reads binary arrays as they were meant", async () => {
  await using server = await connectPostgres({ url, schemaPrefix: prefix() });
  const database = await server.open("auth", migrations);
  const read = async (type: string, array: Buffer) =>
    (await database.query<{ values: unknown }>(`SELECT to_json($1::${type}[]) AS values`, [array]))[0]
      ?.values;
  const ids = ["00000000-0000-4000-8000-000000000000", "fedcba98-7654-4321-bfed-cba987654321"];
  expect(await read("uuid", uuidArray([ids[0]!, null, ids[1]!]))).toEqual([ids[0], null, ids[1]]);
  expect(await read("uuid", uuidArray(ids))).toEqual(ids);
  const texts = ["", "null", 'a "quoted" {list}, \\ and', "Grüße 👋\n"];
  expect(await read("text", textArray(texts))).toEqual(texts);
  expect(await read("text", textArray([null, "", null]))).toEqual([null, "", null]);
  const numbers = [0, -1, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, -(2 ** 32) - 1, Number.MAX_SAFE_INTEGER];
  expect(await read("int8", bigintArray(numbers))).toEqual(numbers);
  const times = ["2026-01-02T03:04:05.678Z", "1999-12-31T23:59:59.999Z", "2199-12-31T23:59:59.999Z"];
  const shown = times.map((time) => time.replace("Z", "+00:00"));
  expect(await read("timestamptz", timeArray([times[0]!, null, ...times.slice(1)]))).toEqual([
    shown[0],
    null,
    ...shown.slice(1),
  ]);
  const spans = [
    [],
    [[1, 1]],
    [
      [5, 9],
      [2, 2],
      [3, 4],
    ],
    [
      [1, 2],
      [2 ** 40, 2 ** 40],
    ],
  ] as const;
  expect(await read("int8multirange", multirangeArray(spans))).toEqual([
    "{}",
    "{[1,2)}",
    "{[2,10)}",
    "{[1,3),[1099511627776,1099511627777)}",
  ]);
  expect(await read("uuid", uuidArray([]))).toEqual([]);
  expect(await read("text", textArray([]))).toEqual([]);
  expect(await read("int8", bigintArray([]))).toEqual([]);
  expect(await read("int8multirange", multirangeArray([]))).toEqual([]);
  expect(await read("uuid", uuidArrayOf(Buffer.alloc(16)))).toEqual([
    ids[0]!.replace("4", "0").replace("8", "0"),
  ]);
  expect(await read("bytea", byteaArrayOf(Buffer.from("0001feff", "hex"), 2))).toEqual([
    "\\x0001",
    "\\xfeff",
  ]);
  expect(await read("bytea", byteaArrayOf(Buffer.alloc(0), 32))).toEqual([]);
  const small = [0, 1, -1, 2 ** 31 - 1];
  expect(await read("int4", int4Array(small))).toEqual(small);
  expect(() => int4Array([2 ** 31])).toThrow(RangeError);
  for (const wrong of ["", "fedcba98-7654-4321-bfed-cba98765432", "fedcba98-7654-4321-bfed-cba98765432g"]) {
    expect(() => uuidArray([ids[0]!, wrong])).toThrow(TypeError);
  }
  expect(() => uuidArray([ids[0]!.slice(1), `${ids[1]}0`])).toThrow(TypeError);
  for (const wrong of [2 ** 53, 0.5, Number.NaN]) {
    expect(() => bigintArray([wrong])).toThrow(RangeError);
    expect(() => multirangeArray([[[1, wrong]]])).toThrow(RangeError);
  }
  for (const wrong of ["", "9999-12-31T23:59:59.999Z", "2026-02-30T00:00:00.000Z", "2026-01-02T03:04:05Z"]) {
    expect(() => timeArray([wrong])).toThrow(RangeError);
  }
});

test("two processes may open a new service at once, and open it again later", async () => {
  const schemaPrefix = prefix();
  await using one = await connectPostgres({ url, schemaPrefix });
  await using other = await connectPostgres({ url, schemaPrefix });
  const [first, second] = await Promise.all([one.open("auth", migrations), other.open("auth", migrations)]);
  await first.query("INSERT INTO things (name) VALUES ('kept')");
  expect(await names(second)).toEqual(["kept"]);
  expect(await names(await one.open("auth", migrations))).toEqual(["kept"]);
});

test("one service cannot reach the tables of another, not even after RESET ROLE", async () => {
  const schemaPrefix = prefix();
  await using server = await connectPostgres({ url, schemaPrefix, poolSize: 1 });
  await server.open("auth", migrations);
  const users = await server.open("users", migrations);
  await users.query("RESET ROLE");
  await expect(users.query(`SELECT * FROM ${schemaPrefix}auth.things`)).rejects.toMatchObject({
    code: "42501",
  });
  await expect(users.query("CREATE TABLE public.things (id int)")).rejects.toMatchObject({ code: "42501" });
});

test("every connection plans anew, has its timeouts and says who it is", async () => {
  await using server = await connectPostgres({ url, schemaPrefix: prefix(), statementTimeoutMs: 200 });
  const database = await server.open("auth", migrations);
  const [settings] = await database.query(
    `SELECT current_setting('plan_cache_mode') AS plans, current_setting('application_name') AS name,
            current_setting('idle_in_transaction_session_timeout') AS idle`,
  );
  expect(settings).toEqual({ plans: "force_custom_plan", name: "gochat auth", idle: "30s" });
  await expect(database.query("SELECT pg_sleep(5)")).rejects.toMatchObject({ code: "57014" });
  await database.ping();
});

test("a transaction is whole or nothing, and says so when a swallowed error undid it", async () => {
  await using server = await connectPostgres({ url, schemaPrefix: prefix(), poolSize: 1 });
  const database = await server.open("auth", migrations);
  const insert = "INSERT INTO things (name) VALUES ($1)";
  expect(await database.transaction(async (connection) => connection.query(insert, ["one"]))).toEqual([]);
  const changedMind = database.transaction(async (connection) => {
    await connection.query(insert, ["two"]);
    throw new Error("changed my mind");
  });
  await expect(changedMind).rejects.toThrow("changed my mind");
  const swallowed = database.transaction(async (connection) => {
    await connection.query(insert, ["three"]);
    await connection.query(insert, ["one"]).catch(() => {});
  });
  await expect(swallowed).rejects.toThrow("nothing was committed");
  expect(await names(database)).toEqual(["one"]);
});

test("the pool says what it holds and who waits", async () => {
  await using server = await connectPostgres({ url, schemaPrefix: prefix(), poolSize: 2 });
  const database = await server.open("auth", migrations);
  const queries = [1, 2, 3].map(() => database.query("SELECT pg_sleep(0.2)"));
  await expect.poll(() => database.stats()).toEqual({ open: 2, idle: 0, waiting: 1, max: 2 });
  await Promise.all(queries);
  expect(database.stats()).toMatchObject({ open: 2, idle: 2, waiting: 0 });
});

test("a connection that dies, resting or in use, costs one rejected query at most", async () => {
  await using server = await connectPostgres({ url, schemaPrefix: prefix(), poolSize: 1 });
  const database = await server.open("auth", migrations);
  const inUse = database.transaction(async (connection) => {
    const [row] = await connection.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    await asSuperuser((client) => client.query("SELECT pg_terminate_backend($1, 5000)", [row!.pid]));
    await connection.query("SELECT 1");
  });
  await expect(inUse).rejects.toThrow();
  expect(await names(database)).toEqual([]);
});

test("a database that may lose commits is refused", async () => {
  const careless = new URL(url);
  careless.searchParams.set("options", "-c synchronous_commit=off");
  const refusal = connectPostgres({ url: careless.href });
  await expect(refusal).rejects.toThrow(StartError);
  await expect(refusal).rejects.toThrow("synchronous_commit off");
});

describe("a PostgreSQL whose own settings may lose commits is refused:", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "gochat-careless-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(["fsync", "full_page_writes"])("%s off", async (name) => {
    await using careless = await startPostgres({ folder, settings: { [name]: "off" } });
    await expect(connectPostgres({ url: careless.url })).rejects.toThrow(
      `The database runs with ${name} off, so it may lose messages shown as sent. Turn it on.`,
    );
  });
});

test("a database that is not there is waited for, a wrong password is not", async () => {
  const warnings: string[] = [];
  const logger = {
    debug() {},
    info() {},
    warn: (_: object, text: string) => warnings.push(text),
    error() {},
  };
  const absent = connectPostgres({ url: "postgres://gochat@127.0.0.1:1/gochat", waitMs: 400, logger });
  await expect(absent).rejects.toThrow(/did not answer within 0.4 s \(connect ECONNREFUSED.*Is it running\?/);
  expect(warnings.length).toBeGreaterThan(0);
  for (const wrong of [{ password: "wrong" }, { username: "nobody" }, { pathname: "/nowhere" }]) {
    const locked: URL = Object.assign(new URL(url), wrong);
    await expect(connectPostgres({ url: locked.href, waitMs: 60_000 })).rejects.toThrow(
      /^The database refuses GoChat: .*\. Correct user, password and database in DATABASE_URL\.$/,
    );
  }
});
