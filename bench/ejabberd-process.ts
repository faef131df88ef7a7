import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Engine } from "@gochat/engines/engine";
import { startEngineProcess } from "@gochat/engines/engine-process";
import { freePort } from "@gochat/engines/free-port";
import pg from "pg";
import { connect } from "./load/link.ts";

const erlang = "/usr/bin/erl";
const libraries = "/usr/lib/*/ejabberd-*/ebin/ejabberd.beam";
const schema = "/usr/share/ejabberd/sql/pg.sql";
const driver = "/usr/lib/erlang/lib/p1_pgsql-*/ebin/pgsql.beam";

/** Why it cannot be measured here, with how to get it; undefined where it can. */
export function whyNoEjabberd(): string | undefined {
  const isThere =
    existsSync(erlang) && existsSync(schema) && [libraries, driver].every((path) => globSync(path)[0]);
  if (isThere) return undefined;
  return "ejabberd was left out, since it is not installed (Debian: apt-get install ejabberd erlang-p1-pgsql).";
}

export interface EjabberdOptions {
  readonly folder: string;
  /** Of a superuser of the PostgreSQL that keeps accounts and the archive. */
  readonly postgresUrl: string;
  /** Name → password. */
  readonly accounts: Readonly<Record<string, string>>;
}

/**
 * A private ejabberd of Debian's package, on loopback, with every message archived in PostgreSQL. It runs without the
 * package's script, which wants a fixed place, a user and a port mapper. Its `url` is that of the XMPP WebSocket.
 */
export async function startEjabberd({ folder, postgresUrl, accounts }: EjabberdOptions): Promise<Engine> {
  await makeDatabase(postgresUrl, accounts);
  const port = await freePort();
  const url = `ws://127.0.0.1:${port}/ws`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "ejabberd.yml"), settings(port, new URL(postgresUrl)), { mode: 0o600 });
  const started = await startEngineProcess({
    name: "ejabberd",
    command: [
      erlang,
      "-noinput",
      "+K",
      "true",
      "-mnesia",
      "dir",
      JSON.stringify(join(folder, "spool")),
      "-s",
      "ejabberd",
    ],
    environment: {
      PATH: process.env.PATH,
      LC_ALL: "C.UTF-8",
      HOME: folder,
      ERL_LIBS: libraryFolder(),
      ERL_CRASH_DUMP_SECONDS: "0",
      EJABBERD_CONFIG_PATH: join(folder, "ejabberd.yml"),
      EJABBERD_LOG_PATH: join(folder, "ejabberd.log"),
    },
    folder,
    ping: async () => (await connect({ userId: "", url, headers: {} }, "xmpp")).terminate(),
    readyTimeoutMs: 60_000,
    failsAtOnce: true,
    stop: { signal: "SIGTERM", patienceMs: 10_000 },
  });
  return Object.assign(started, { url });
}

/** Where Debian keeps what Erlang does not bring itself; it differs by architecture. */
function libraryFolder(): string {
  return resolve(globSync(libraries)[0]!, "../../..");
}

/** The schema of the package, and the accounts as its own tables hold them. */
async function makeDatabase(postgresUrl: string, accounts: Readonly<Record<string, string>>): Promise<void> {
  const superuser = new pg.Client({ connectionString: postgresUrl });
  await superuser.connect();
  await superuser.query("CREATE DATABASE ejabberd").finally(() => superuser.end());
  const address = Object.assign(new URL(postgresUrl), { pathname: "/ejabberd" });
  const client = new pg.Client({ connectionString: address.href });
  await client.connect();
  try {
    await client.query(readFileSync(schema, "utf8"));
    await client.query(
      "INSERT INTO users (username, password) SELECT * FROM unnest($1::text[], $2::text[])",
      [Object.keys(accounts), Object.values(accounts)],
    );
  } finally {
    await client.end();
  }
}

/** What is not named here is as ejabberd has it by default; modules are only those that a chat needs. */
function settings(port: number, { port: sqlPort, username, password }: URL): string {
  return `hosts: [localhost]
loglevel: warning
listen:
  - port: ${port}
    ip: "127.0.0.1"
    module: ejabberd_http
    backlog: 512
    request_handlers:
      /ws: ejabberd_http_ws
access_rules:
  c2s: { allow: all }
auth_method: sql
auth_password_format: plain
sql_type: pgsql
sql_server: "127.0.0.1"
sql_port: ${sqlPort}
sql_username: "${username}"
sql_password: "${password}"
sql_database: ejabberd
sql_pool_size: 4
default_db: sql
modules:
  mod_mam: { default: always, db_type: sql, assume_mam_usage: true, use_cache: true }
  mod_stream_mgmt: {}
  mod_offline: {}
  mod_roster: {}
  mod_ping: {}
`;
}
