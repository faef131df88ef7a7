import type { DatabaseServer } from "@gochat/database/database";
import { startEmbeddedPostgres } from "@gochat/database/embedded";
import { connectPostgres } from "@gochat/database/postgres";
import type { Logger } from "@gochat/runtime/logger";
import type { ServiceDefinition } from "@gochat/runtime/service";
import type { Settings } from "@gochat/runtime/settings";

interface DatabaseOptions {
  readonly settings: Settings;
  readonly definitions: readonly ServiceDefinition[];
  readonly logger: Logger;
  /** Ends the waiting for a PostgreSQL that does not answer. */
  readonly signal: AbortSignal;
}

/** Where the databases of these services are: by URL, embedded, or nowhere where they own no data. */
export async function openDatabases(options: DatabaseOptions): Promise<DatabaseServer> {
  const { settings, definitions, logger, signal } = options;
  if (!definitions.some(({ migrations }) => migrations)) return noDatabases;
  if (!settings.databaseUrl) return startEmbeddedPostgres({ dataFolder: settings.dataFolder, logger });
  return connectPostgres({ url: settings.databaseUrl, waitMs: Number.POSITIVE_INFINITY, signal, logger });
}

const noDatabases: DatabaseServer = {
  description: "none, since these services own no data",
  open: (service) => Promise.reject(new Error(`${service} owns no data.`)),
  async [Symbol.asyncDispose]() {},
};
