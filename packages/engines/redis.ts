import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "./debian.ts";
import type { Engine } from "./engine.ts";
import { startEngineProcess } from "./engine-process.ts";
import { freePort } from "./free-port.ts";

export interface RedisOptions {
  /** Made where it is missing. What Redis holds is a cache: it is in memory only, and gone with the process. */
  readonly folder: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Default: none is asked for. Letters, digits, `-` and `_`. */
  readonly password?: string;
  /** Aborted, the start is given up. */
  readonly signal?: AbortSignal | undefined;
}

const execute = promisify(execFile);
const places = {
  name: "Redis",
  debianPackages: ["redis-server"],
  paths: ["/usr/bin/redis-server", "/usr/local/bin/redis-server"],
  variable: "REDIS_PATH",
};
const pingTimeoutMs = 2_000;

/** A private Redis of the machine's package, on loopback, bounded in memory. */
export async function startRedis({ folder, port, password, signal }: RedisOptions): Promise<Engine> {
  const program = findProgram(places);
  mkdirSync(folder, { recursive: true });
  const chosenPort = port ?? (await freePort());
  const settings = join(folder, "redis.conf");
  writeFileSync(settings, serverSettings(folder, chosenPort, password), { mode: 0o600 });
  const client = join(dirname(program), "redis-cli");
  const started = await startEngineProcess({
    name: "Redis",
    command: [program, settings],
    environment: { PATH: process.env.PATH, LC_ALL: "C" },
    folder,
    ping: () => ping(client, chosenPort, password),
    readyTimeoutMs: 20_000,
    signal,
    stop: { signal: "SIGTERM", patienceMs: 5_000 },
  });
  const login = password === undefined ? "" : `default:${password}@`;
  return Object.assign(started, { url: `redis://${login}127.0.0.1:${chosenPort}` });
}

/** Leases have no time to live, so that this policy leaves them alone: docs/running.md asks for it too. */
function serverSettings(folder: string, port: number, password: string | undefined): string {
  const settings = {
    bind: "127.0.0.1",
    port,
    dir: JSON.stringify(folder),
    save: '""',
    appendonly: "no",
    maxmemory: "256mb",
    "maxmemory-policy": "volatile-lru",
    ...(password !== undefined && { requirepass: JSON.stringify(password) }),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
  return lines.join("");
}

/** The password goes through the environment: arguments are for everyone on the machine to see. */
async function ping(client: string, port: number, password: string | undefined): Promise<void> {
  const { stdout } = await execute(client, ["-h", "127.0.0.1", "-p", String(port), "ping"], {
    env: { PATH: process.env.PATH, ...(password !== undefined && { REDISCLI_AUTH: password }) },
    timeout: pingTimeoutMs,
  });
  if (stdout.trim() !== "PONG") throw new Error(`Redis answers ${stdout.trim()}.`);
}
