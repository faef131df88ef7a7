import { copyTables } from "@gochat/database/copy-tables";
import { startEmbeddedPostgres } from "@gochat/database/embedded";
import { connectPostgres } from "@gochat/database/postgres";
import { StartError } from "@gochat/database/start-error";
import { readSettings } from "@gochat/runtime/settings";
import { chooseServices } from "@gochat/server/services";

/**
 * Copies what the named services (none: all) have in the data folder GOCHAT_DATA into the empty database DATABASE_URL:
 * the way from one machine to a cluster. Nothing in the folder is changed but its migrations.
 */
async function copyData(names: readonly string[]): Promise<void> {
  const { dataFolder, databaseUrl } = readSettings(process.env);
  if (!databaseUrl) throw new StartError("Set DATABASE_URL to the database that the data are for.");
  await using to = await connectPostgres({ url: databaseUrl });
  await using from = await startEmbeddedPostgres({ dataFolder });
  for (const { name, migrations } of chooseServices(names)) {
    if (!migrations) continue;
    await using source = await from.open(name, migrations);
    await using target = await to.open(name, migrations);
    console.log(`${name}: ${await copyTables(source, target)} rows copied`);
  }
}

try {
  await copyData(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof StartError ? `Nothing was copied. ${error.message}` : error);
  process.exitCode = 1;
}
