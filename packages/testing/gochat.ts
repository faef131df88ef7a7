import { createHash, randomUUID } from "node:crypto";
import { createMemoryBroker, type MemoryBroker } from "@gochat/broker/memory";
import type { Cache } from "@gochat/cache/cache";
import { createMemoryCache } from "@gochat/cache/memory";
import type { ServiceName } from "@gochat/contracts/events/event";
import { events } from "@gochat/contracts/events/events";
import type { Queryable } from "@gochat/database/database";
import { connectPostgres } from "@gochat/database/postgres";
import { createKeys } from "@gochat/runtime/keys";
import { createLogger, type Logger } from "@gochat/runtime/logger";
import type { ServiceDefinition } from "@gochat/runtime/service";
import { readSettings, type Settings } from "@gochat/runtime/settings";
import { startServices } from "@gochat/runtime/start-services";
import { createTracing } from "@gochat/runtime/tracing";
import { inject } from "vitest";
import { createPeople, type People } from "./people.ts";

export interface StartOptions {
  /** Which services run; default all five. Definitions with options of their own are taken as they are. */
  readonly services?: readonly (ServiceName | ServiceDefinition)[];
  readonly settings?: Partial<Settings>;
  /** Also serves the built web client. */
  readonly web?: boolean;
  /** Default: one in the process. It is closed with the rest. */
  readonly cache?: Cache;
  /** Default: to standard output. */
  readonly logger?: Logger;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/** A whole GoChat, or some of its services, in the process of the test: real PostgreSQL, real sockets, port 0. */
export interface GoChat extends People, AsyncDisposable {
  readonly url: string;
  readonly nodeId: string;
  readonly broker: MemoryBroker;
  readonly cache: Cache;
  /** The database of a service, to look at or to break. */
  database(service: ServiceName): Queryable;
  /** Resolves once every queue is empty and no handler runs. */
  settle(): Promise<void>;
}

export async function startGoChat(options: StartOptions = {}): Promise<GoChat> {
  const definitions = await chooseDefinitions(options.services);
  const names = definitions.map(({ name }) => name);
  const nodeId = randomUUID();
  const clock = options.clock ?? Date.now;
  const settings: Settings = {
    ...readSettings({ PORT: "0", LOG_LEVEL: process.env.LOG_LEVEL ?? "error" }),
    rateLimits: false,
    ...options.settings,
  };
  const logger = options.logger ?? createLogger(settings.logLevel);
  const schemaPrefix = `t${createHash("sha256").update(nodeId).digest("hex").slice(0, 10)}_`;
  const databases = await connectPostgres({ url: inject("postgresUrl"), schemaPrefix, poolSize: 4, logger });
  const broker = createMemoryBroker({ events, nodeId, partitions: settings.partitions, logger });
  const cache = options.cache ?? createMemoryCache();
  const keys = await createKeys();
  const tracing = await createTracing({ endpoint: settings.tracesEndpoint, logger });
  const { serveWebClient } = await import("@gochat/server/web-client");
  const running = await startServices({
    ...(options.web && { extend: serveWebClient }),
    definitions,
    nodeId,
    settings,
    logger,
    broker,
    cache,
    databases,
    keys,
    tracing,
    clock,
  });
  const settle = () => broker.settle();

  return {
    url: running.url,
    nodeId,
    broker,
    cache,
    settle,
    ...createPeople({ url: running.url, broker, keys, settle, hasAuth: names.includes("auth"), clock }),
    database(service) {
      const database = running.databases.get(service);
      if (!database) throw new Error(`${service} does not run here, or owns no data.`);
      return database;
    },
    async [Symbol.asyncDispose]() {
      await running.stop();
      await tracing.close();
      await broker[Symbol.asyncDispose]();
      await cache[Symbol.asyncDispose]();
      await databases[Symbol.asyncDispose]();
    },
  };
}

/** Imported one by one, so that a service's own tests load that service only. */
const importers: Readonly<Record<ServiceName, () => Promise<ServiceDefinition>>> = {
  auth: async () => (await import("@gochat/auth/index")).auth,
  users: async () => (await import("@gochat/users/index")).users,
  messages: async () => (await import("@gochat/messages/index")).messages,
  notifications: async () => (await import("@gochat/notifications/index")).notifications,
  chat: async () => (await import("@gochat/chat/index")).chat,
};

function chooseDefinitions(services: StartOptions["services"]): Promise<ServiceDefinition[]> {
  const chosen = services ?? (Object.keys(importers) as ServiceName[]);
  return Promise.all(chosen.map((service) => (typeof service === "string" ? importers[service]() : service)));
}
