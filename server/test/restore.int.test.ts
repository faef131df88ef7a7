import { randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Database } from "@gochat/database/database";
import { connectPostgres } from "@gochat/database/postgres";
import { createServiceDatabases } from "@gochat/engines/service-databases";
import { expect, inject, test } from "vitest";
import { services } from "../src/services.ts";

/** What docs/running.md says to run in the restored databases of a cluster: schema → statement. */
async function documentedStatements(): Promise<Map<string, string>> {
  const text = await readFile(new URL("../../docs/running.md", import.meta.url), "utf8");
  const sql = /```sql\n([\s\S]+?)```/.exec(text)?.[1] ?? "";
  const statements = sql.split(";").filter((statement) => statement.trim() !== "");
  return new Map(statements.map((statement) => [/UPDATE (\w+)\./.exec(statement)![1]!, statement]));
}

test("after a restore, what was on its way at the backup is announced again, and nothing else", async () => {
  const name = `restored${randomBytes(5).toString("hex")}`;
  const urls = await createServiceDatabases(inject("postgresUrl"), { [name]: "Zk3-vJ9_x" });
  await using server = await connectPostgres({ url: urls[name]! });
  await using auth = await server.open("auth", services.auth.migrations!);
  await using messages = await server.open("messages", services.messages.migrations!);
  const statements = await documentedStatements();
  await auth.query(
    `INSERT INTO outbox (event, payload, published_at)
     VALUES ('published', '{}', now()), ('waiting', '{}', NULL), ('invalid', '{}', 'infinity')`,
  );
  await auth.query(statements.get("gochat_auth")!);
  const waiting = await auth.query("SELECT event FROM outbox WHERE published_at IS NULL ORDER BY position");
  expect(waiting).toEqual([{ event: "published" }, { event: "waiting" }]);

  await addConversation(messages, { lastSeq: 5, minutesAgo: 60 });
  await addConversation(messages, { lastSeq: 7, minutesAgo: 65 });
  await addConversation(messages, { lastSeq: 2_500, minutesAgo: 61 });
  await addConversation(messages, { lastSeq: 9, minutesAgo: 600 });
  await messages.query(statements.get("gochat_messages")!);
  expect(await messages.query("SELECT last_seq, announced_seq FROM conversations ORDER BY last_seq")).toEqual(
    [
      { last_seq: 5, announced_seq: 0 },
      { last_seq: 7, announced_seq: 0 },
      { last_seq: 9, announced_seq: 9 },
      { last_seq: 2_500, announced_seq: 1_500 },
    ],
  );
});

async function addConversation(
  database: Database,
  { lastSeq, minutesAgo }: { lastSeq: number; minutesAgo: number },
) {
  await database.query(
    `INSERT INTO conversations (id, last_seq, announced_seq, digest, created_at, last_activity_at)
     VALUES ($1, $2, $2, '', now() - interval '1 day', now() - $3 * interval '1 minute')`,
    [randomUUID(), lastSeq, minutesAgo],
  );
}
