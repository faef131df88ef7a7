import type { Broker } from "@gochat/broker/broker";
import type { Cache } from "@gochat/cache/cache";
import type { ServiceName } from "@gochat/contracts/events/event";
import type { Database } from "@gochat/database/database";
import type { HttpServer } from "./http-server.ts";
import type { Keys } from "./keys.ts";
import type { Logger } from "./logger.ts";
import type { Metrics } from "./metrics.ts";
import type { Sessions } from "./sessions.ts";
import type { Settings } from "./settings.ts";
import type { SocketServer } from "./socket-server.ts";
import type { Trail } from "./trail.ts";

/** What a service is given. A function takes from it exactly the fields it uses. */
export interface ServiceContext {
  /** This process, unique among all: part of lease ids and of the routing keys of answers. */
  readonly nodeId: string;
  readonly settings: Settings;
  readonly logger: Logger;
  readonly broker: Broker;
  readonly cache: Cache;
  /** The service's own database; only where the definition has `migrations`. */
  readonly database: Database;
  readonly http: HttpServer;
  readonly sockets: SocketServer;
  /** Who is asking: verified access tokens, ended sessions. */
  readonly sessions: Sessions;
  readonly keys: Keys;
  readonly metrics: Metrics;
  /** Follows single messages through this service. */
  readonly trail: Trail;
  /** Milliseconds since 1970; tests set their own. */
  readonly clock: () => number;
}

/** A service is a small library; a process is ten lines that start it. */
export interface ServiceDefinition {
  readonly name: ServiceName;
  /** The folder of its SQL migrations, where it owns data. */
  readonly migrations?: URL;
  /** Whether it shares anything with other processes through the cache. */
  readonly usesCache?: true;
  /** Registers routes and sockets, subscribes, starts timers. What it returns stops all of that again. */
  start(context: ServiceContext): Promise<RunningService>;
}

export interface RunningService {
  /** Takes no more work, finishes what is in hand, stops its timers. At most 10 s. */
  stop(): Promise<void>;
}

export function defineService(definition: ServiceDefinition): ServiceDefinition {
  return definition;
}
