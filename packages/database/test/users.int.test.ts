import { randomBytes } from "node:crypto";
import pg from "pg";
import { expect, inject, test } from "vitest";
import { connectPostgres } from "../postgres.ts";
import { StartError } from "../start-error.ts";

const url = inject("postgresUrl");
const migrations = new URL("./migrations/", import.meta.url);

function prefix(): string {
  return `t${randomBytes(5).toString("hex")}_`;
}

async function asSuperuser(...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

function urlOf(user: string, database = "postgres"): string {
  const address = { username: user, password: `of-${user}`, pathname: `/${database}` };
  return Object.assign(new URL(url), address).href;
}

async function createUser(user: string, rights = ""): Promise<void> {
  await asSuperuser(`CREATE ROLE "${user}" LOGIN ${rights} PASSWORD 'of-${user}'`);
}

/** As in a cluster: one service alone, in a database of its own, with a user that may nothing else. */
async function createOwnDatabase(user: string): Promise<string> {
  await createUser(user);
  await asSuperuser(
    `CREATE DATABASE "${user}" OWNER "${user}"`,
    `REVOKE ALL ON DATABASE "${user}" FROM PUBLIC`,
  );
  return urlOf(user, user);
}

async function dropDatabase(name: string): Promise<void> {
  await asSuperuser(`DROP DATABASE "${name}" WITH (FORCE)`);
}

test.each(["messages", "my user"])(
  "%s, a plain user, needs nothing but a database of its own",
  async (name) => {
    const user = `${prefix()}${name}`;
    const ownUrl = await createOwnDatabase(user);
    try {
      await using one = await connectPostgres({ url: ownUrl });
      await using other = await connectPostgres({ url: ownUrl });
      const [first, second] = await Promise.all([
        one.open("messages", migrations),
        other.open("messages", migrations),
      ]);
      await first.query("INSERT INTO things (name) VALUES ('kept')");
      const [row] = await second.query(
        "SELECT name, current_user AS user, current_schema AS schema FROM things",
      );
      expect(row).toEqual({ name: "kept", user, schema: "gochat_messages" });
    } finally {
      await dropDatabase(user);
    }
  },
);

test("a user with CREATEROLE and CREATE makes a role for each service", async () => {
  const schemaPrefix = prefix();
  const user = `${schemaPrefix}app`;
  await createUser(user, "CREATEROLE");
  await asSuperuser(`GRANT CREATE ON DATABASE postgres TO ${user}`);
  await using server = await connectPostgres({ url: urlOf(user), schemaPrefix });
  const database = await server.open("auth", migrations);
  expect(await database.query("SELECT current_user AS user")).toEqual([{ user: `${schemaPrefix}auth` }]);
});

test("a user who may make nothing is told what to do; made by hand, it works", async () => {
  const schemaPrefix = prefix();
  const user = `${schemaPrefix}app`;
  await createUser(user);
  await using server = await connectPostgres({ url: urlOf(user), schemaPrefix });
  const refusal = server.open("auth", migrations);
  await expect(refusal).rejects.toThrow(StartError);
  await expect(refusal).rejects.toThrow("Give it a database of its own, or CREATE on this one");
  await asSuperuser(
    `CREATE ROLE ${schemaPrefix}auth; GRANT ${schemaPrefix}auth TO ${user}`,
    `CREATE SCHEMA ${schemaPrefix}auth AUTHORIZATION ${schemaPrefix}auth`,
  );
  const database = await server.open("auth", migrations);
  expect(await database.query("SELECT current_user AS user")).toEqual([{ user: `${schemaPrefix}auth` }]);
});

test("a schema that somebody else made is refused in one sentence", async () => {
  const schemaPrefix = prefix();
  await using owner = await connectPostgres({ url, schemaPrefix });
  await owner.open("auth", migrations);
  const user = `${schemaPrefix}app`;
  await createUser(user);
  await using server = await connectPostgres({ url: urlOf(user), schemaPrefix });
  const refusal = server.open("auth", migrations);
  await expect(refusal).rejects.toThrow(StartError);
  await expect(refusal).rejects.toThrow(`The schema ${schemaPrefix}auth belongs to ${schemaPrefix}auth`);
});
