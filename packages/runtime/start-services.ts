import type { Broker, Subscribed } from "@gochat/broker/broker";
import type { Cache } from "@gochat/cache/cache";
import type { ServiceName } from "@gochat/contracts/events/event";
import { sessionRevoked } from "@gochat/contracts/events/user-events";
import type { Database, DatabaseServer } from "@gochat/database/database";
import type { FastifyInstance } from "fastify";
import { type FrontDoor, openFrontDoor } from "./front-door.ts";
import { createHttpServer } from "./http-server.ts";
import type { Keys } from "./keys.ts";
import type { Logger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";
import { observeBroker } from "./observed-broker.ts";
import { observeCache } from "./observed-cache.ts";
import { type ReadinessCheck, registerOperatingRoutes } from "./operating-routes.ts";
import { observeParts } from "./process-gauges.ts";
import type { RunningService, ServiceContext, ServiceDefinition } from "./service.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import type { Settings } from "./settings.ts";
import { createSocketServer } from "./socket-server.ts";
import { noTracing, type Tracing } from "./tracing.ts";
import { Trail } from "./trail.ts";

export interface StartOptions {
  readonly definitions: readonly ServiceDefinition[];
  readonly nodeId: string;
  readonly settings: Settings;
  readonly logger: Logger;
  readonly broker: Broker;
  readonly cache: Cache;
  readonly databases: DatabaseServer;
  readonly keys: Keys;
  readonly clock?: () => number;
  /** The port that is open already. Without it one is opened once the services have started. */
  readonly door?: FrontDoor;
  readonly tracing?: Tracing;
  /** Default: this machine. */
  readonly metricsFor?: "this machine" | "anyone";
  /** Adds what is not a service, such as the web client, before the first request is taken. */
  readonly extend?: (app: FastifyInstance) => Promise<void>;
}

export interface RunningServices {
  /** Where this process listens: http://localhost:3000 */
  readonly url: string;
  /** The opened database of each service that owns data. */
  readonly databases: ReadonlyMap<ServiceName, Database>;
  readonly sessions: Sessions;
  /**
   * Stops in order: accept nothing, send people elsewhere, finish what is in hand. 4 s for sockets, 3 s for requests,
   * and what each service takes; whoever calls it bounds the whole.
   */
  stop(): Promise<void>;
}

/** Starts these services in this process, on the adapters given: the same for one service as for all five. */
export async function startServices(options: StartOptions): Promise<RunningServices> {
  const { definitions, settings, logger, clock = Date.now, tracing = noTracing } = options;
  const { metricsFor = "this machine" } = options;
  const metrics = createMetrics({ ofProcess: true });
  const broker = observeBroker(options.broker, { metrics, tracing, logger });
  const cacheOf = observeCache(options.cache, metrics);
  const sessions = createSessions({ keys: options.keys, settings, clock });
  const http = await createHttpServer({ settings, sessions, logger, metrics, tracing });
  const sockets = createSocketServer({ settings, sessions, logger, metrics, clock });
  const databases = new Map<ServiceName, Database>();
  const running: RunningService[] = [];
  const subscriptions: Subscribed[] = [];
  let open: FrontDoor | undefined;

  async function stop(): Promise<void> {
    await sockets.drain();
    await Promise.all([open?.close(), http.app.close()]);
    for (const service of running.reverse()) await service.stop();
    for (const subscription of subscriptions) await subscription.close();
    for (const database of databases.values()) await database[Symbol.asyncDispose]();
  }

  try {
    for (const definition of definitions) {
      const database =
        definition.migrations && (await options.databases.open(definition.name, definition.migrations));
      if (database) databases.set(definition.name, database);
      subscriptions.push(await followEndedSessions(definition.name, broker, sessions));
      const service = definition.name;
      const ownLogger = logger.child({ service });
      const context: ServiceContext = {
        nodeId: options.nodeId,
        settings,
        logger: ownLogger,
        broker,
        cache: cacheOf(service),
        database: database ?? noDatabase(definition.name),
        http,
        sockets,
        sessions,
        keys: options.keys,
        metrics,
        trail: new Trail({ service, logger: ownLogger, tracing, isDebug: settings.logLevel === "debug" }),
        clock,
      };
      running.push(await definition.start(context));
    }
    const checks = readinessChecks(options, databases);
    observeParts(metrics, databases, checks);
    registerOperatingRoutes(http.app, { metrics, checks, metricsFor });
    await options.extend?.(http.app);
    sockets.attach(http.app.server);
    await http.app.ready();
    open = options.door ?? (await openFrontDoor(settings));
    open.open(http.app.server);
    return { url: open.url, databases, sessions, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function followEndedSessions(service: ServiceName, broker: Broker, sessions: Sessions): Promise<Subscribed> {
  return broker.subscribe({
    service,
    contract: sessionRevoked,
    handle: async (events) => {
      for (const event of events) sessions.end(event);
    },
  });
}

function readinessChecks(
  { definitions, broker, cache }: StartOptions,
  databases: ReadonlyMap<ServiceName, Database>,
): ReadinessCheck[] {
  const usesCache = definitions.some((definition) => definition.usesCache);
  return [
    { name: "broker", ping: () => broker.ping() },
    ...(usesCache ? [{ name: "cache", ping: () => cache.ping() }] : []),
    ...[...databases].map(([name, database]) => ({
      name: `database of ${name}`,
      ping: () => database.ping(),
    })),
  ];
}

/** A service without migrations owns no data; touching its database is a mistake in the code. */
function noDatabase(service: ServiceName): Database {
  const refuse = () => Promise.reject(new Error(`${service} owns no database.`));
  const stats = () => ({ open: 0, idle: 0, waiting: 0, max: 0 });
  return { query: refuse, transaction: refuse, ping: refuse, stats, [Symbol.asyncDispose]: async () => {} };
}
