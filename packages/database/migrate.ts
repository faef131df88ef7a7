import { fileURLToPath } from "node:url";
import type pg from "pg";
import type { DatabaseLogger } from "./logger.ts";
import { makeSchema } from "./make-schema.ts";
import {
  loadMigrationHashes,
  type MigrationHashes,
  readMigrationHashes,
  saveMigrationHashes,
} from "./migration-files.ts";
import { StartError } from "./start-error.ts";

export interface MigrateOptions {
  readonly client: pg.Client;
  readonly service: string;
  /** Also the name of the role that owns it, where this user may make roles. */
  readonly schema: string;
  readonly migrations: URL;
  readonly logger: DatabaseLogger;
}

/** Any number, the same in every process that opens a service in this database. */
const lockKey = 4_702_111_234;
const migrationsTable = "migrations";

/**
 * Makes role and schema if they are not there, then runs the migrations that have not run, as that role and each in
 * a transaction. Returns the role. Holds an advisory lock until the caller closes the connection, so a second process waits and then
 * finds nothing left to do. Throws a StartError where the schema was made by other migrations than these.
 *
 * The hash of each migration that ran is kept, so that one that was edited later is noticed. A schema from before
 * hashes were kept is taken as it is.
 */
export async function migrate(options: MigrateOptions): Promise<string> {
  const { client, service, schema, migrations } = options;
  await client.query("SELECT pg_advisory_lock($1)", [lockKey]);
  const owner = await makeSchema(client, schema);
  await client.query(`SET ROLE ${client.escapeIdentifier(owner)}`);
  const known = await readMigrationHashes(migrations);
  const ran = await namesThatRan(client, schema);
  const kept = await loadMigrationHashes(client, schema);
  refuseOtherVersions(service, ran, known, kept);
  if (ran.length < known.size) await runMigrations(options);
  if (kept.size < known.size) await saveMigrationHashes(client, schema, known);
  return owner;
}

async function runMigrations(options: MigrateOptions): Promise<void> {
  const { client, service, schema, migrations, logger } = options;
  // Loaded only now: most starts need none of its 20 MB.
  const { runner } = await import("node-pg-migrate");
  const done = await runner({
    dbClient: client,
    dir: fileURLToPath(migrations),
    ignorePattern: String.raw`(?!.*\.sql$).*`,
    schema,
    migrationsTable,
    direction: "up",
    noLock: true,
    logger: { info() {}, warn: (text) => logger.warn({}, text), error: (text) => logger.error({}, text) },
  });
  if (done.length === 0) return;
  logger.info({ service, ran: done.map(({ name }) => name) }, "Migrations ran.");
}

async function namesThatRan(client: pg.Client, schema: string): Promise<string[]> {
  const table = `${schema}.${migrationsTable}`;
  const { rows: found } = await client.query("SELECT to_regclass($1) AS name", [table]);
  if (!found[0].name) return [];
  const { rows } = await client.query<{ name: string }>(`SELECT name FROM ${table} ORDER BY id`);
  return rows.map(({ name }) => name);
}

function refuseOtherVersions(
  service: string,
  ran: readonly string[],
  known: MigrationHashes,
  kept: MigrationHashes,
): void {
  const unknown = ran.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new StartError(
      `The database of ${service} was changed by a newer GoChat (${unknown}) than this one. ` +
        "Start that version, or go back to a backup made before it.",
    );
  }
  const edited = ran.find((name) => kept.has(name) && kept.get(name) !== known.get(name));
  if (edited !== undefined) {
    throw new StartError(
      `The database of ${service} was made by another version of GoChat, whose migration ${edited} says ` +
        "something else. Start that version, or give this one an empty database.",
    );
  }
}
