import { join } from "node:path";
import type { Engine } from "@gochat/engines/engine";
import { startPostgres } from "@gochat/engines/postgres";
import { type RabbitmqDefinitions, startRabbitmq } from "@gochat/engines/rabbitmq";
import { startRedis } from "@gochat/engines/redis";
import { startAll } from "./start-all.ts";

export type EngineName = "postgres" | "rabbitmq" | "redis";

export interface Engines extends AsyncDisposable {
  /** Those that were started here. */
  readonly started: ReadonlyMap<EngineName, Engine>;
  /** With every right; of one that was given, as it was given. */
  readonly urls: Readonly<Record<EngineName, string>>;
}

interface EngineOptions {
  readonly folder: string;
  readonly redisPassword: string;
  readonly definitions: RabbitmqDefinitions;
  /** Those that run already: they are used instead. */
  readonly given?: Partial<Readonly<Record<EngineName, string | undefined>>>;
  /** Aborted, the start is given up. */
  readonly signal?: AbortSignal | undefined;
}

/** Starts PostgreSQL, RabbitMQ and Redis side by side. */
export async function startEngines(options: EngineOptions): Promise<Engines> {
  const { folder, redisPassword, definitions, given = {}, signal } = options;
  await using resources = new AsyncDisposableStack();
  const starters = new Map<EngineName, () => Promise<Engine>>([
    ["postgres", () => startPostgres({ folder: join(folder, "postgres"), signal })],
    ["rabbitmq", () => startRabbitmq({ folder: join(folder, "rabbitmq"), definitions, signal })],
    ["redis", () => startRedis({ folder: join(folder, "redis"), password: redisPassword, signal })],
  ]);
  for (const name of Object.keys(given) as EngineName[]) if (given[name]) starters.delete(name);
  const started = await startAll(resources, starters);
  const urlOf = (name: EngineName) => given[name] || started.get(name)!.url;
  const owned = resources.move();
  return {
    started,
    urls: { postgres: urlOf("postgres"), rabbitmq: urlOf("rabbitmq"), redis: urlOf("redis") },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
