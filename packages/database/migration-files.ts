import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type pg from "pg";

/** The SHA-256 (hexadecimal) of each migration in a folder, by its name without `.sql`. */
export type MigrationHashes = ReadonlyMap<string, string>;

const hashesTable = "migration_hashes";

/** Line ends do not count: Git may have changed them. */
export async function readMigrationHashes(folder: URL): Promise<MigrationHashes> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  const hashes = files.map(async (file) => {
    const sql = (await readFile(new URL(file, folder), "utf8")).replaceAll("\r\n", "\n");
    return [file.slice(0, -".sql".length), createHash("sha256").update(sql).digest("hex")] as const;
  });
  return new Map(await Promise.all(hashes));
}

/** The hashes of the migrations that made this schema. Those that ran before hashes were kept are not among them. */
export async function loadMigrationHashes(client: pg.Client, schema: string): Promise<MigrationHashes> {
  const table = `${schema}.${hashesTable}`;
  const { rows: found } = await client.query("SELECT to_regclass($1) AS name", [table]);
  if (!found[0].name) return new Map();
  const { rows } = await client.query<{ name: string; hash: string }>(`SELECT name, hash FROM ${table}`);
  return new Map(rows.map(({ name, hash }) => [name, hash]));
}

export async function saveMigrationHashes(
  client: pg.Client,
  schema: string,
  hashes: MigrationHashes,
): Promise<void> {
  const table = `${schema}.${hashesTable}`;
  await client.query(`CREATE TABLE IF NOT EXISTS ${table} (name text PRIMARY KEY, hash text NOT NULL)`);
  await client.query(
    `INSERT INTO ${table} (name, hash) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING`,
    [[...hashes.keys()], [...hashes.values()]],
  );
}
