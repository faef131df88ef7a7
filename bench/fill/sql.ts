import type { ServiceName } from "@gochat/contracts/events/event";
import pg from "pg";
import type { Target } from "../target.ts";

/** Runs statements as the superuser in the database of a service. Its tables are in the schema `gochat_<service>`. */
export async function fillBySql(
  target: Pick<Target, "databaseUrl">,
  service: ServiceName,
  statements: readonly (readonly [sql: string, values?: readonly unknown[]])[],
): Promise<void> {
  const client = new pg.Client({
    connectionString: target.databaseUrl(service),
    options: `-c search_path=gochat_${service}`,
  });
  await client.connect();
  try {
    for (const [sql, values = []] of statements) await client.query(sql, [...values]);
  } finally {
    await client.end();
  }
}
