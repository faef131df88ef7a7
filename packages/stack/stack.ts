import { join } from "node:path";
import { definitionsFor } from "@gochat/broker/definitions";
import { type ServiceName, serviceNames } from "@gochat/contracts/events/event";
import { StartError } from "@gochat/database/start-error";
import type { Engine } from "@gochat/engines/engine";
import { isFree } from "@gochat/engines/free-port";
import { createServiceDatabases } from "@gochat/engines/service-databases";
import { readSettings } from "@gochat/runtime/settings";
import { type Cluster, startCluster } from "./cluster.ts";
import { type EngineName, type Engines, startEngines } from "./engines.ts";
import { takeFolder } from "./folder.ts";
import { keepRunning } from "./keep-running.ts";
import { readOrMakeSecrets, type Secrets } from "./secrets.ts";
import type { Environment } from "./service-nodes.ts";
import { readServiceUrls, type ServiceUrls } from "./service-urls.ts";
import type { EnginePart, Part, StackState } from "./state.ts";
import { startWatchdog } from "./watchdog.ts";

export interface StackOptions {
  /** Keeps the data. Default: a temporary one, removed at the end. */
  readonly folder?: string | undefined;
  /** Settings of GoChat. */
  readonly environment: Environment;
  /** Aborted while the stack starts, what was started is stopped again. */
  readonly signal?: AbortSignal;
  /** Called after each restart of a part. */
  readonly onChange?: (state: StackState) => void;
  readonly log?: (line: string) => void;
}

export interface Stack extends AsyncDisposable {
  readonly url: string;
  /** Absolute path; the logs are in `<part>/engine.log` below it. */
  readonly folder: string;
  readonly state: StackState;
}

/** The whole cluster on this machine. Resolves when it is ready; a part that dies is started again until disposed. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { signal, onChange = () => {}, log = () => {} } = options;
  const environment = withQueueType(options.environment);
  const { port, partitions, queueType, databaseUrl, brokerUrl, cacheUrl } = readSettings(environment);
  const given = readServiceUrls(environment);
  await using resources = new AsyncDisposableStack();
  const { path: folder } = resources.use(await takeFolder(options.folder));
  if (port !== 0 && !(await isFree(port))) {
    throw new StartError(`Port ${port} is taken by another program. Stop it, or choose another with PORT=….`);
  }
  resources.use(await startWatchdog(folder));
  const secrets = await readOrMakeSecrets(join(folder, "secrets"));
  log("Starting PostgreSQL, RabbitMQ and Redis, but for those that are given.");
  const engines = resources.use(
    await startEngines({
      folder,
      redisPassword: secrets.redis,
      definitions: definitionsFor({ passwords: secrets.passwords, partitions, queueType }),
      given: { postgres: databaseUrl, rabbitmq: brokerUrl, redis: cacheUrl },
      signal,
    }),
  );
  const urls = await urlsOfServices(engines, secrets, given);
  log("Starting the services and NGINX.");
  const cluster = resources.use(await startCluster({ folder, port, secrets, urls, environment, signal }));
  const state = () => stateOf(engines, cluster);
  const parts = new Map<string, Engine>([...engines.started, ...cluster.parts]);
  resources.use(keepRunning(parts, { onRestart: () => onChange(state()), log }));
  const owned = resources.move();
  return {
    url: cluster.url,
    folder,
    get state() {
      return state();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A RabbitMQ of one node, as is started here, has no other to keep a copy of what is in a queue. */
function withQueueType(environment: Environment): Environment {
  const { brokerUrl } = readSettings(environment);
  return { ...environment, QUEUE_TYPE: environment.QUEUE_TYPE || (brokerUrl ? "" : "classic") };
}

/** Each service has a database, a role and a broker user of its own, unless the engine was given. */
async function urlsOfServices(
  { started, urls }: Engines,
  { passwords }: Secrets,
  given: ReturnType<typeof readServiceUrls>,
): Promise<Record<ServiceName, ServiceUrls>> {
  const databases = started.has("postgres") ? await createServiceDatabases(urls.postgres, passwords) : {};
  const brokerUrlOf = (service: ServiceName) =>
    started.has("rabbitmq")
      ? Object.assign(new URL(urls.rabbitmq), { username: service, password: passwords[service] }).href
      : urls.rabbitmq;
  const entries = serviceNames.map((service) => [
    service,
    {
      DATABASE_URL: given[service].DATABASE_URL ?? databases[service] ?? urls.postgres,
      BROKER_URL: given[service].BROKER_URL ?? brokerUrlOf(service),
      CACHE_URL: urls.redis,
    } satisfies ServiceUrls,
  ]);
  return Object.fromEntries(entries);
}

function stateOf(engines: Engines, { url, nodes, parts }: Cluster): StackState {
  const engine = (name: EngineName): EnginePart => ({
    pid: engines.started.get(name)?.pid ?? null,
    url: engines.urls[name],
  });
  const nodesOf = (service: ServiceName): Part[] =>
    nodes
      .filter((node) => node.service === service)
      .map(({ name, port }) => ({ pid: parts.get(name)!.pid, url: `http://127.0.0.1:${port}` }));
  return {
    url,
    services: {
      auth: nodesOf("auth"),
      users: nodesOf("users"),
      chat: nodesOf("chat"),
      messages: nodesOf("messages"),
      notifications: nodesOf("notifications"),
    },
    postgres: engine("postgres"),
    rabbitmq: engine("rabbitmq"),
    redis: engine("redis"),
    nginx: { pid: parts.get("nginx")!.pid },
  };
}
