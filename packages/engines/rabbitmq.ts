import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "./debian.ts";
import type { Engine } from "./engine.ts";
import { startEngineProcess } from "./engine-process.ts";
import { freePort } from "./free-port.ts";

export interface RabbitmqOptions {
  /** Made where it is missing; queues and messages that are there are used. */
  readonly folder: string;
  /** Default: free ones. `distribution` and `epmd` serve rabbitmqctl. */
  readonly ports?: { readonly amqp?: number; readonly distribution?: number; readonly epmd?: number };
  /** Loaded at each start. Default: one virtual host, `/`. There is no guest; the administrator is added. */
  readonly definitions?: RabbitmqDefinitions;
  /** Aborted, the start is given up. */
  readonly signal?: AbortSignal | undefined;
}

/** The parts of a definitions file of RabbitMQ: users, virtual hosts, who may do what, and what is there from the start. */
export interface RabbitmqDefinitions {
  readonly users?: readonly object[];
  readonly vhosts: readonly { readonly name: string }[];
  readonly permissions?: readonly object[];
  readonly topic_permissions?: readonly object[];
  readonly exchanges?: readonly object[];
  readonly queues?: readonly object[];
  readonly bindings?: readonly object[];
}

export interface RabbitmqEngine extends Engine {
  readonly ports: { readonly amqp: number; readonly distribution: number; readonly epmd: number };
  /** Runs rabbitmqctl on this node and resolves with what it prints. Takes a second or two. */
  control(...args: string[]): Promise<string>;
}

const execute = promisify(execFile);
/** One directory of the package holds the real scripts; those in /usr/sbin change to a user of their own. */
const places = {
  name: "RabbitMQ",
  debianPackages: ["rabbitmq-server"],
  paths: ["/usr/lib/rabbitmq/bin/rabbitmq-server"],
  variable: "RABBITMQ_PATH",
};
const epmdPlaces = {
  name: "The Erlang port mapper",
  debianPackages: ["erlang-base"],
  paths: ["/usr/bin/epmd", "/usr/local/bin/epmd"],
  variable: "EPMD_PATH",
};
const administrator = "administrator";
const nodeName = "gochat@localhost";
const pingTimeoutMs = 2_000;
const controlTimeoutMs = 30_000;

/**
 * A private RabbitMQ of the machine's package, on loopback and without plugins, with a port mapper (epmd) of its own,
 * since a shared one would stay behind. Its `url` is that of the administrator, in the first virtual host.
 */
export async function startRabbitmq(options: RabbitmqOptions): Promise<RabbitmqEngine> {
  const { folder, definitions = { vhosts: [{ name: "/" }] }, signal } = options;
  const program = findProgram(places);
  mkdirSync(folder, { recursive: true });
  const ports = {
    amqp: options.ports?.amqp ?? (await freePort()),
    distribution: options.ports?.distribution ?? (await freePort()),
    epmd: options.ports?.epmd ?? (await freePort()),
  };
  const password = secretIn(folder, "password");
  secretIn(folder, ".erlang.cookie");
  writeSettings(folder, ports.amqp, withAdministrator(definitions, password));
  const environment = environmentOf(folder, ports);
  await using resources = new AsyncDisposableStack();
  resources.use(
    await startEngineProcess({
      name: epmdPlaces.name,
      command: [findProgram(epmdPlaces), "-port", String(ports.epmd), "-address", "127.0.0.1"],
      environment,
      folder: join(folder, "epmd"),
      ping: () => greet(ports.epmd),
      readyTimeoutMs: 10_000,
      signal,
      stop: { signal: "SIGTERM", patienceMs: 2_000 },
    }),
  );
  const started = resources.use(
    await startEngineProcess({
      name: "RabbitMQ",
      command: [program],
      environment,
      folder,
      ping: () => greet(ports.amqp, "AMQP\u0000\u0000\u0009\u0001"),
      readyTimeoutMs: 60_000,
      signal,
      stop: { signal: "SIGTERM", patienceMs: 15_000 },
    }),
  );
  const owned = resources.move();
  const virtualHost = encodeURIComponent(definitions.vhosts[0]?.name ?? "/");
  return {
    get pid() {
      return started.pid;
    },
    kill: started.kill,
    restart: started.restart,
    ports,
    url: `amqp://${administrator}:${password}@127.0.0.1:${ports.amqp}/${virtualHost}`,
    async control(...args) {
      const command = join(dirname(program), "rabbitmqctl");
      const { stdout } = await execute(command, args, { env: environment, timeout: controlTimeoutMs });
      return stdout.trim();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Made once in this folder, for its owner's eyes only, which Erlang insists on. */
function secretIn(folder: string, name: string): string {
  const path = join(folder, name);
  if (!existsSync(path)) writeFileSync(path, randomBytes(24).toString("hex"), { mode: 0o400 });
  return readFileSync(path, "utf8");
}

function withAdministrator(definitions: RabbitmqDefinitions, password: string): RabbitmqDefinitions {
  const everything = { configure: ".*", write: ".*", read: ".*" };
  return {
    ...definitions,
    users: [
      ...(definitions.users ?? []),
      { name: administrator, password, tags: ["administrator"], limits: {} },
    ],
    permissions: [
      ...(definitions.permissions ?? []),
      ...definitions.vhosts.map(({ name }) => ({ user: administrator, vhost: name, ...everything })),
    ],
  };
}

function writeSettings(folder: string, port: number, definitions: RabbitmqDefinitions): void {
  const lines = [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    `load_definitions = ${join(folder, "definitions.json")}`,
    // A machine for development is small and shared: stop taking messages only when it is really full.
    "disk_free_limit.absolute = 50MB",
    "log.console = true",
    "log.console.level = warning",
    "log.file = false",
  ];
  writeFileSync(join(folder, "definitions.json"), JSON.stringify(definitions), { mode: 0o600 });
  writeFileSync(join(folder, "rabbitmq.conf"), `${lines.join("\n")}\n`);
  writeFileSync(join(folder, "enabled_plugins"), "[].\n");
}

/** Everything that RabbitMQ would otherwise look for in places that the whole machine shares. */
function environmentOf(folder: string, ports: RabbitmqEngine["ports"]): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    LC_ALL: "C.UTF-8",
    HOME: folder,
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    ERL_CRASH_DUMP_SECONDS: "0",
    RABBITMQ_NODENAME: nodeName,
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_CONF_ENV_FILE: join(folder, "rabbitmq-env.conf"),
    RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq.conf"),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, "advanced.config"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "enabled_plugins"),
    RABBITMQ_MNESIA_BASE: join(folder, "data"),
    RABBITMQ_LOG_BASE: join(folder, "log"),
    RABBITMQ_PID_FILE: join(folder, "node.pid"),
    // Its schedulers would spin a while whenever they have nothing to do, on cores that others wait for; and
    // on two cores that others need, two of them pass work to each other, which costs more than it helps.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: [
      "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
      ...(availableParallelism() <= 2 ? ["+S 1:1"] : []),
    ].join(" "),
    // The script then becomes the Erlang machine instead of waiting beside it.
    detached: "true",
  };
}

/** Resolves when somebody listens there, and says something where it is greeted. */
function greet(port: number, greeting?: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ port, host: "127.0.0.1", timeout: pingTimeoutMs });
  socket.once("error", reject);
  socket.once("close", () => reject(new Error(`Port ${port} closed the connection.`)));
  socket.once("timeout", () => reject(new Error(`Port ${port} does not answer.`)));
  socket.once("connect", () => (greeting === undefined ? resolve() : socket.write(greeting, "latin1")));
  socket.once("data", () => resolve());
  return promise.finally(() => socket.destroy());
}
