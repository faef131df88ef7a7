import { join } from "node:path";
import type { Broker } from "@gochat/broker/broker";
import { createMemoryBroker } from "@gochat/broker/memory";
import type { Cache } from "@gochat/cache/cache";
import { createMemoryCache } from "@gochat/cache/memory";
import { events } from "@gochat/contracts/events/events";
import type { DatabaseServer } from "@gochat/database/database";
import { startEmbeddedPostgres } from "@gochat/database/embedded";
import { connectPostgres } from "@gochat/database/postgres";
import { StartError } from "@gochat/database/start-error";
import { type Keys, loadOrCreateKeys } from "@gochat/runtime/keys";
import type { Logger } from "@gochat/runtime/logger";
import type { Settings } from "@gochat/runtime/settings";

/** The parts below the services. Each is embedded unless its URL is given, and no service can see which. */
export interface Adapters extends AsyncDisposable {
  readonly broker: Broker;
  readonly cache: Cache;
  readonly databases: DatabaseServer;
  readonly keys: Keys;
  /** What was chosen, for the person who starts it: part → description without a password. */
  readonly descriptions: Readonly<Record<string, string>>;
}

interface AdapterOptions {
  readonly settings: Settings;
  readonly nodeId: string;
  readonly logger: Logger;
  /** Whether all five services run in this process. */
  readonly isWhole: boolean;
}

export async function openAdapters({ settings, nodeId, logger, isWhole }: AdapterOptions): Promise<Adapters> {
  if (!isWhole && !settings.brokerUrl) {
    throw new StartError(
      "Services that run apart need a broker between them: set BROKER_URL, or name no service to run all in one.",
    );
  }
  refuseWhatIsNotThereYet(settings);
  const databases = settings.databaseUrl
    ? await connectPostgres({ url: settings.databaseUrl, logger })
    : await startEmbeddedPostgres({ dataFolder: settings.dataFolder, logger });
  const broker = createMemoryBroker({ events, nodeId, logger });
  const cache = createMemoryCache();
  async function close(): Promise<void> {
    await broker[Symbol.asyncDispose]();
    await cache[Symbol.asyncDispose]();
    await databases[Symbol.asyncDispose]();
  }
  try {
    const keys = await loadOrCreateKeys(join(settings.dataFolder, "keys"));
    const descriptions = {
      database: databases.description,
      broker: "in this process",
      cache: "in this process",
    };
    return { broker, cache, databases, keys, descriptions, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

function refuseWhatIsNotThereYet({ brokerUrl, cacheUrl }: Settings): void {
  const name = brokerUrl ? "BROKER_URL" : cacheUrl ? "CACHE_URL" : undefined;
  if (name) {
    throw new StartError(
      `${name} is set, but this version only has the embedded broker and cache. Remove it.`,
    );
  }
}
