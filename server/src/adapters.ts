import { join } from "node:path";
import type { Broker } from "@gochat/broker/broker";
import type { Cache } from "@gochat/cache/cache";
import { createMemoryCache } from "@gochat/cache/memory";
import { connectRedis } from "@gochat/cache/redis";
import { CacheRefusedError } from "@gochat/cache/redis-client";
import type { DatabaseServer } from "@gochat/database/database";
import { StartError } from "@gochat/database/start-error";
import type { FrontDoor } from "@gochat/runtime/front-door";
import { type Keys, loadOrCreateKeys } from "@gochat/runtime/keys";
import type { Logger } from "@gochat/runtime/logger";
import type { ServiceDefinition } from "@gochat/runtime/service";
import type { Settings } from "@gochat/runtime/settings";
import { openBroker } from "./brokers.ts";
import { openDatabases } from "./databases.ts";

/** The parts below the services. Each is embedded unless its URL is given, and no service can see which. */
export interface Adapters extends AsyncDisposable {
  readonly broker: Broker;
  readonly cache: Cache;
  readonly databases: DatabaseServer;
  readonly keys: Keys;
  /** What was chosen, for the person who starts it: part → description without a password. */
  readonly descriptions: Readonly<Record<string, string>>;
}

export interface AdapterOptions {
  readonly settings: Settings;
  readonly definitions: readonly ServiceDefinition[];
  /** The keys that were given; without them this installation has its own. */
  readonly keys: Keys | undefined;
  readonly nodeId: string;
  readonly logger: Logger;
  readonly door: Pick<FrontDoor, "report">;
  /** Ends the waiting for what does not answer. */
  readonly signal: AbortSignal;
}

/** Waits for the database and the broker for as long as it takes. A cache that is away is done without. */
export async function openAdapters(options: AdapterOptions): Promise<Adapters> {
  const { settings, door } = options;
  const failing = new AbortController();
  const signal = AbortSignal.any([options.signal, failing.signal]);
  const databases = waitFor("database", openDatabases({ ...options, signal }));
  const broker = waitFor("broker", openBroker({ ...options, signal }), (part) => part.ping());
  const cache = waitFor("cache", openCache(options), (part) => part.ping());

  async function waitFor<Part>(
    name: string,
    opening: Promise<Part>,
    ping: (part: Part) => Promise<void> = async () => {},
  ): Promise<Part> {
    door.report(name);
    try {
      const part = await opening;
      door.report(name, () => ping(part));
      return part;
    } catch (error) {
      failing.abort();
      throw error;
    }
  }

  /** In this order: what is still on its way out of the services may be written down. */
  async function close(): Promise<void> {
    for (const part of [broker, cache, databases]) {
      await part.then(
        (opened) => opened[Symbol.asyncDispose](),
        () => {},
      );
    }
  }

  try {
    await Promise.all([databases, broker, cache]);
    const opened = { broker: await broker, cache: await cache, databases: await databases };
    const keys = options.keys ?? (await loadOrCreateKeys(join(settings.dataFolder, "keys")));
    const descriptions = {
      database: opened.databases.description,
      broker: opened.broker.description,
      cache: opened.cache.description,
    };
    return { ...opened, keys, descriptions, [Symbol.asyncDispose]: close };
  } catch (error) {
    failing.abort();
    await close();
    throw await firstReason([databases, broker, cache], error);
  }
}

/** A refusal, rather than that another part was no longer waited for because of it. */
async function firstReason(parts: readonly Promise<unknown>[], otherwise: unknown): Promise<unknown> {
  for (const settled of await Promise.allSettled(parts)) {
    if (settled.status === "rejected" && settled.reason instanceof StartError) return settled.reason;
  }
  return otherwise;
}

async function openCache({ settings, definitions, logger }: AdapterOptions) {
  const isUsed = definitions.some(({ usesCache }) => usesCache);
  if (!isUsed || !settings.cacheUrl) {
    const description = isUsed ? "in this process" : "none, since these services use none";
    return Object.assign(createMemoryCache(), { description });
  }
  try {
    return await connectRedis({ url: settings.cacheUrl, logger });
  } catch (error) {
    throw error instanceof CacheRefusedError ? new StartError(error.message, { cause: error }) : error;
  }
}
