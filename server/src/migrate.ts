import { createLogger } from "@gochat/runtime/logger";
import type { Settings } from "@gochat/runtime/settings";
import { openDatabases } from "./databases.ts";
import { chooseServices } from "./services.ts";

/**
 * Brings the databases of the named services (none: all) up to this version, and starts none of them. Safe to run
 * twice at once: the second waits, and finds nothing to do. Returns the services whose databases are up to date now.
 */
export async function migrateServices(
  settings: Settings,
  names: readonly string[],
  stopping: AbortSignal,
): Promise<string[]> {
  const definitions = chooseServices(names);
  const logger = createLogger(settings.logLevel);
  await using databases = await openDatabases({ settings, definitions, logger, signal: stopping });
  const migrated: string[] = [];
  for (const { name, migrations } of definitions) {
    stopping.throwIfAborted();
    if (!migrations) continue;
    await (await databases.open(name, migrations))[Symbol.asyncDispose]();
    migrated.push(name);
  }
  return migrated;
}
