import { randomBytes } from "node:crypto";
import { createServiceDatabases } from "@gochat/engines/service-databases";
import { startProgram } from "@gochat/testing/program";
import pg from "pg";
import { expect, inject, test } from "vitest";

async function ask(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function migrate(settings: Readonly<Record<string, string>>, ...names: string[]) {
  const program = startProgram(settings, ["migrate", ...names]);
  const code = await program.ended;
  return { code, said: program.output.text + program.errors.text };
}

test("migrations run without a service, twice at once, and again", async () => {
  const prefix = `t${randomBytes(5).toString("hex")}_`;
  const superuserUrl = inject("postgresUrl");
  const { messages = "" } = await createServiceDatabases(superuserUrl, { messages: "of-the-test" }, prefix);
  const upToDate = { code: 0, said: "The database of messages is up to date.\n" };
  try {
    const both = [1, 2].map(() => migrate({ DATABASE_URL: messages }, "messages"));
    expect(await Promise.all(both)).toEqual([upToDate, upToDate]);
    const tables = "SELECT count(*)::int AS count FROM gochat_messages.migrations";
    const [before] = await ask(messages, tables);
    expect(before.count).toBeGreaterThan(0);
    expect(await migrate({ DATABASE_URL: messages }, "messages")).toEqual(upToDate);
    expect(await ask(messages, tables)).toEqual([before]);
  } finally {
    await ask(superuserUrl, `DROP DATABASE ${prefix}messages WITH (FORCE)`);
  }
});

test("a service that owns no data has nothing to migrate, and needs no database for it", async () => {
  const { code, said } = await migrate({ DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" }, "chat");
  expect([code, said]).toEqual([0, "The database of no service, since these own no data, is up to date.\n"]);
});
