import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { chooseRunAs, type RunAs } from "@gochat/database/embedded/run-as";
import pg from "pg";
import { findProgram } from "./debian.ts";
import type { Engine } from "./engine.ts";
import { startEngineProcess } from "./engine-process.ts";
import { freePort } from "./free-port.ts";

export interface PostgresOptions {
  /** Made where it is missing; a cluster that is there is used. */
  readonly folder: string;
  /** Default: a free one. */
  readonly port?: number;
  /** `max_connections`. Default 200. */
  readonly connections?: number;
  /** Of the server, by their names; they go before those that it gets here. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Aborted, the start is given up. */
  readonly signal?: AbortSignal | undefined;
}

const execute = promisify(execFile);
const places = {
  name: "PostgreSQL",
  debianPackages: ["postgresql"],
  paths: [18, 17, 16, 15].map((version) => `/usr/lib/postgresql/${version}/bin/postgres`),
  variable: "POSTGRES_PATH",
};
const superuser = "postgres";
const initTimeoutMs = 60_000;

/** A private PostgreSQL of the machine's package, on loopback, durable. Its `url` is that of the superuser. */
export async function startPostgres(options: PostgresOptions): Promise<Engine> {
  const { folder, port, connections = 200, signal } = options;
  const program = findProgram(places);
  const binaries = { postgres: program, initdb: join(dirname(program), "initdb") };
  mkdirSync(folder, { recursive: true });
  const runAs = await chooseRunAs(binaries, join(folder, "data"));
  if (runAs.owner) chownSync(folder, runAs.owner.uid, runAs.owner.gid);
  const password = await openCluster(folder, binaries.initdb, runAs, signal);
  const chosenPort = port ?? (await freePort());
  const url = `postgres://${superuser}:${password}@127.0.0.1:${chosenPort}/postgres`;
  const settings = Object.entries({ ...serverSettings(chosenPort, connections), ...options.settings });
  const args = [
    "-D",
    join(folder, "data"),
    ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
  const [file = program, ...rest] = [...runAs.prefix, program, ...args];
  const started = await startEngineProcess({
    name: "PostgreSQL",
    command: [file, ...rest],
    environment: { LC_ALL: "C", TZ: "UTC", PATH: process.env.PATH },
    folder,
    owner: runAs.owner,
    ping: () => ping(url),
    readyTimeoutMs: 60_000,
    signal,
    stop: { signal: "SIGINT", patienceMs: 10_000 },
  });
  return Object.assign(started, { url });
}

/** Finds the cluster, or makes it: under another name first, so a crash leaves no half. Returns the password. */
async function openCluster(
  folder: string,
  initdb: string,
  { prefix, owner }: RunAs,
  signal: AbortSignal | undefined,
): Promise<string> {
  const [made, passwordFile] = [join(folder, "data"), join(folder, "password")];
  if (existsSync(made)) return readFileSync(passwordFile, "utf8");
  const workshop = join(folder, "data.new");
  rmSync(workshop, { recursive: true, force: true });
  writeFileSync(passwordFile, randomBytes(24).toString("base64url"), { mode: 0o600 });
  if (owner) chownSync(passwordFile, owner.uid, owner.gid);
  const [file = initdb, ...args] = [
    ...prefix,
    initdb,
    `--pgdata=${workshop}`,
    `--username=${superuser}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    // What is lost with the machine while this runs is made anew; what runs in it later is durable.
    "--no-sync",
  ];
  await execute(file, args, {
    ...owner,
    env: { LC_ALL: "C", PATH: process.env.PATH },
    timeout: initTimeoutMs,
    signal,
  });
  renameSync(workshop, made);
  return readFileSync(passwordFile, "utf8");
}

/** Durable as in production, and with room for a measurement: the defaults are those of a very small machine. */
function serverSettings(port: number, connections: number): Record<string, string | number> {
  return {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    max_connections: connections,
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",
    wal_level: "minimal",
    max_wal_senders: 0,
    max_logical_replication_workers: 0,
    max_wal_size: "2GB",
    checkpoint_timeout: "15min",
    shared_buffers: "128MB",
    jit: "off",
    random_page_cost: 1.1,
    timezone: "UTC",
    // The text of a statement may hold what people wrote.
    log_min_error_statement: "panic",
    log_min_messages: "error",
    log_error_verbosity: "terse",
  };
}

async function ping(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on("error", () => {});
  await client.connect();
  await client.end();
}
