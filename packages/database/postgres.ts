import pg from "pg";
import type { Database, DatabaseServer } from "./database.ts";
import { type DatabaseLogger, silentLogger } from "./logger.ts";
import { migrate } from "./migrate.ts";
import { connectionConfig, openPool } from "./pool.ts";
import { untilItAnswers, waitForServer } from "./server-check.ts";

export interface PostgresOptions {
  /** postgres://user:password@host:port/database. Its user may create schemas in that database, or finds them made. */
  readonly url: string;
  /** Begins the name of each service's schema and role: lower-case letters, digits and `_`. Default `gochat_`. */
  readonly schemaPrefix?: string;
  /** Connections for each service. Default 8. */
  readonly poolSize?: number;
  /** Default 10 s. */
  readonly statementTimeoutMs?: number;
  /** Shown in pg_stat_activity, with the service's name behind it. Default `gochat`. */
  readonly applicationName?: string;
  /** How long to wait for a database that is not there yet. Default 60 s; Infinity waits for ever. */
  readonly waitMs?: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  readonly logger?: DatabaseLogger;
}

const migrationTimeoutMs = 10 * 60_000;

/**
 * A PostgreSQL ≥ 15 by URL. Throws a StartError where it does not answer, is too old, or may lose commits.
 *
 * Each service has a schema and a role of the same name, and the role owns nothing else. Every connection of its pool
 * logs in with the given URL and has taken on that role before its first statement (`-c role=…` when it starts, so
 * also RESET ROLE leads back to it). So one service cannot touch another's tables by mistake, and there is no
 * password for each role to share between processes: any number of them may open the same service. A user who may not
 * make roles owns the schema itself: for a service that has the database to itself.
 */
export async function connectPostgres(options: PostgresOptions): Promise<DatabaseServer> {
  const { url, schemaPrefix = "gochat_", applicationName = "gochat", logger = silentLogger } = options;
  const { poolSize = 8, statementTimeoutMs = 10_000, waitMs = 60_000, signal } = options;
  const patience = { waitMs, logger, ...(signal && { signal }) };
  const version = await waitForServer({ url, applicationName, ...patience });
  const open = new Set<Database>();

  async function runMigrations(service: string, schema: string, migrations: URL): Promise<string> {
    const client = new pg.Client({
      ...connectionConfig(url, `${applicationName} migrations`),
      statement_timeout: migrationTimeoutMs,
    });
    client.on("error", () => {});
    await client.connect();
    try {
      return await migrate({ client, service, schema, migrations, logger });
    } finally {
      await client.end();
    }
  }

  return {
    description: `PostgreSQL ${version} at ${placeOf(url)}`,
    async open(service, migrations) {
      const schema = `${schemaPrefix}${service}`;
      if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema))
        throw new Error(`${schema} cannot be the name of a schema.`);
      const role = await untilItAnswers(() => runMigrations(service, schema, migrations), patience);
      const database = openPool({
        url,
        schema,
        role,
        poolSize,
        statementTimeoutMs,
        applicationName: `${applicationName} ${service}`,
        logger,
      });
      open.add(database);
      return database;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...open].map((database) => database[Symbol.asyncDispose]()));
    },
  };
}

/** host:port/database, without user and password. */
function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return decodeURIComponent(`${host}${pathname}`);
}
