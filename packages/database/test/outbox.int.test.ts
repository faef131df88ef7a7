import { randomBytes, randomUUID } from "node:crypto";
import { messageStored } from "@gochat/contracts/events/message-events";
import { userRegistered } from "@gochat/contracts/events/user-events";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import type { Database, DatabaseServer } from "../database.ts";
import { silentLogger } from "../logger.ts";
import { createOutbox, type Outbox, type OutboxOptions, type Publish } from "../outbox.ts";
import { connectPostgres } from "../postgres.ts";

const url = inject("postgresUrl");
const applicationName = `t${randomBytes(5).toString("hex")}`;
const superuser = new pg.Client({ connectionString: url });
let server: DatabaseServer;
let database: Database;

beforeAll(async () => {
  await superuser.connect();
  server = await connectPostgres({ url, schemaPrefix: `${applicationName}_`, applicationName });
  database = await server.open("auth", new URL("./migrations/", import.meta.url));
});
beforeEach(() => database.query("TRUNCATE outbox"));
afterAll(async () => {
  await superuser.end();
  await server[Symbol.asyncDispose]();
});

/** What a broker got, by the names in the events. */
function createReceiver() {
  const batches: { event: string; key: unknown; names: string[] }[] = [];
  let failure: Error | undefined;
  const publish: Publish = async (contract, events, options) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (failure) throw failure;
    const names = (events as unknown as readonly { username: string }[]).map(({ username }) => username);
    if (names.includes("invalid")) throw Object.assign(new Error("bad"), { name: "InvalidEventError" });
    batches.push({ event: contract.name, key: options?.key, names });
  };
  return {
    batches,
    publish,
    names: () => batches.flatMap(({ names }) => names),
    fail: (error: Error | undefined) => {
      failure = error;
    },
  };
}

function open(publish: Publish, options: Partial<OutboxOptions> = {}): Outbox {
  return createOutbox({
    database,
    publish,
    durable: true,
    logger: silentLogger,
    clock: Date.now,
    ...options,
  });
}

function registered(username: string) {
  return { userId: randomUUID(), username, at: new Date().toISOString() };
}

function append(outbox: Outbox, ...usernames: string[]): Promise<void> {
  const events = usernames.map(registered);
  return database.transaction((connection) => outbox.append(connection, userRegistered, events));
}

async function unpublished(): Promise<number> {
  const [row] = await database.query<{ left: number }>(
    "SELECT count(*) AS left FROM outbox WHERE published_at IS NULL",
  );
  return row!.left;
}

test("what was committed is published as it was written, in order, once flush resolves", async () => {
  const receiver = createReceiver();
  await using outbox = open(receiver.publish);
  await append(outbox, "ana", "bob");
  await append(outbox, "cleo");
  await outbox.flush();
  expect(receiver.names()).toEqual(["ana", "bob", "cleo"]);
  expect(await unpublished()).toBe(0);
});

test("what was rolled back is never published", async () => {
  const receiver = createReceiver();
  await using outbox = open(receiver.publish);
  const undone = database.transaction(async (connection) => {
    await outbox.append(connection, userRegistered, [registered("nobody")]);
    throw new Error("changed my mind");
  });
  await expect(undone).rejects.toThrow("changed my mind");
  await append(outbox, "ana");
  await outbox.flush();
  expect(receiver.names()).toEqual(["ana"]);
});

test("one publication for each event and key", async () => {
  const receiver = createReceiver();
  await using outbox = open(receiver.publish);
  await database.transaction(async (connection) => {
    for (const key of [3, 5, 3]) {
      // Only the name is looked at here: it tells which key it was written with.
      const event = { username: `of ${key}` } as never;
      await outbox.append(connection, messageStored, [event], { key });
    }
    await outbox.append(connection, userRegistered, [registered("ana")]);
  });
  await outbox.flush();
  expect(receiver.batches).toEqual([
    { event: "message.stored", key: "3", names: ["of 3", "of 3"] },
    { event: "message.stored", key: "5", names: ["of 5"] },
    { event: "user.registered", key: undefined, names: ["ana"] },
  ]);
});

test("a broker that is down keeps nothing back for ever: flush gives up in time, the rest follows later", async () => {
  const receiver = createReceiver();
  await using outbox = open(receiver.publish);
  receiver.fail(new Error("no connection"));
  await append(outbox, "ana");
  await outbox.flush(200);
  await append(outbox, "bob");
  expect(receiver.names()).toEqual([]);
  expect(await unpublished()).toBe(2);
  receiver.fail(undefined);
  await outbox.flush(10_000);
  expect(receiver.names()).toEqual(["ana", "bob"]);
});

test("a crash between publishing and marking publishes again", async () => {
  const receiver = createReceiver();
  let isFirst = true;
  const dies: Publish = async (contract, events, options) => {
    await receiver.publish(contract, events, options);
    if (!isFirst) return;
    isFirst = false;
    // The connection on which the mark would be written is gone, as after kill -9.
    await superuser.query(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
       WHERE application_name = $1 AND state = 'idle in transaction'`,
      [`${applicationName} auth`],
    );
  };
  await using outbox = open(dies);
  await append(outbox, "ana");
  await outbox.flush(10_000);
  expect(receiver.names()).toEqual(["ana", "ana"]);
  expect(await unpublished()).toBe(0);
});

test("a new process finds what the old one left, without a flush", async () => {
  const receiver = createReceiver();
  const down = createReceiver();
  down.fail(new Error("no connection"));
  {
    await using old = open(down.publish);
    await append(old, "ana");
  }
  await using _next = open(receiver.publish);
  await expect.poll(() => receiver.names(), { timeout: 5_000 }).toEqual(["ana"]);
});

test.each([
  [true, ["bob"]],
  [false, ["ana", "bob"]],
])("with a broker that is durable: %s, a new process publishes %j", async (durable, expected) => {
  const before = createReceiver();
  {
    await using old = open(before.publish);
    await append(old, "ana");
    await old.flush();
  }
  expect(before.names()).toEqual(["ana"]);
  const receiver = createReceiver();
  await using next = open(receiver.publish, { durable });
  await append(next, "bob");
  await next.flush();
  expect(receiver.names()).toEqual(expected);
});

test("two processes never publish the same row at once, nor out of order", async () => {
  const receiver = createReceiver();
  await using one = open(receiver.publish);
  await using other = open(receiver.publish);
  const expected: string[] = [];
  for (let round = 0; round < 20; round++) {
    const usernames = [`ana${round}`, `bob${round}`];
    expected.push(...usernames);
    await append(round % 2 ? one : other, ...usernames);
    void one.flush();
    void other.flush();
  }
  await Promise.all([one.flush(10_000), other.flush(10_000)]);
  expect(receiver.names()).toEqual(expected);
});

test("an invalid event is set aside, and its neighbours go on", async () => {
  const receiver = createReceiver();
  await using outbox = open(receiver.publish);
  await append(outbox, "ana", "invalid", "bob");
  await outbox.flush();
  expect(receiver.names()).toEqual(["ana", "bob"]);
  const kept = await database.query(
    "SELECT payload->>'username' AS name FROM outbox WHERE published_at = 'infinity'",
  );
  expect(kept).toEqual([{ name: "invalid" }]);
  await using _next = open(receiver.publish, { durable: false });
  await expect.poll(() => receiver.names(), { timeout: 5_000 }).toEqual(["ana", "bob", "ana", "bob"]);
});

test("rows are deleted ten minutes after they were published", async () => {
  const receiver = createReceiver();
  let now = Date.now();
  await using outbox = open(receiver.publish, { clock: () => now });
  await append(outbox, "ana");
  await outbox.flush();
  now += 9 * 60_000;
  await append(outbox, "bob");
  await outbox.flush();
  now += 2 * 60_000;
  await outbox.flush();
  expect(await database.query("SELECT payload->>'username' AS name FROM outbox")).toEqual([{ name: "bob" }]);
});
