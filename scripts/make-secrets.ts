import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type Definitions, definitionsFor, virtualHost } from "@gochat/broker/definitions";
import { type ServiceName, serviceNames } from "@gochat/contracts/events/event";
import { events } from "@gochat/contracts/events/events";
import { loadOrCreateKeys, publicKeysDocument } from "@gochat/runtime/keys";
import { replaceFile } from "@gochat/runtime/replace-file";
import type { ServiceDefinition } from "@gochat/runtime/service";
import { readSettings } from "@gochat/runtime/settings";
import { services } from "@gochat/server/services";

type Passwords = Readonly<Record<ServiceName | "postgres" | "redis", string>>;

const definitions = Object.values(services);
const definitionsFile = "engines/rabbitmq/definitions.json";

/** Leases have no time to live, so that this policy leaves them alone. */
const redisSettings = `port 6379
save ""
appendonly no
maxmemory 200mb
maxmemory-policy volatile-lru
`;

/**
 * Makes the keys and passwords of a cluster, once: what is there is kept, but for what RabbitMQ has to know of this
 * version's events. A folder for each part, with what it needs and nothing of another: `services/<name>` has its keys
 * and URLs, `engines/<name>` what postgres, rabbitmq and redis (by these host names) start from. Readable by everyone
 * is for volumes: their readers are other users, and who sees a volume is decided elsewhere.
 */
export async function makeSecrets(
  folder: string,
  readableBy: "owner" | "everyone" = "owner",
): Promise<"made" | "kept"> {
  // Written last: where it is missing, an earlier attempt ended half-way, and nothing was started from it.
  const last = join(folder, "engines/redis/redis.conf");
  const [fileMode, folderMode] = readableBy === "owner" ? [0o600, 0o700] : [0o444, 0o755];
  if (existsSync(last)) {
    await renewDefinitions(join(folder, definitionsFile), fileMode);
    return "kept";
  }
  const passwords = makePasswords();
  await mkdir(join(folder, "services/auth"), { recursive: true, mode: folderMode });
  const keys = await loadOrCreateKeys(join(folder, "services/auth"));
  await chmod(join(folder, "services/auth/keys.json"), fileMode);
  const publicKeys = publicKeysDocument(keys);
  const files = new Map([
    ...definitions.flatMap((definition) => filesOf(definition, passwords, publicKeys)),
    ["engines/postgres/password", passwords.postgres],
    ["engines/postgres/init.sql", databaseStatements(passwords)],
    ["engines/rabbitmq/rabbitmq.conf", "load_definitions = /run/gochat/definitions.json\n"],
    [definitionsFile, JSON.stringify(brokerDefinitions(passwords))],
    ["engines/redis/redis.conf", `${redisSettings}requirepass ${passwords.redis}\n`],
  ]);
  for (const [name, text] of files) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true, mode: folderMode });
    await chmod(dirname(path), folderMode);
    replaceFile(path, text, fileMode);
  }
  return "made";
}

/** Queues and rights follow from the events of this version; the users are who they were. */
async function renewDefinitions(path: string, mode: number): Promise<void> {
  const { users }: Definitions = JSON.parse(await readFile(path, "utf8"));
  const names = users.map(({ name }) => [name, ""]);
  const renewed = JSON.stringify({
    ...brokerDefinitions(Object.fromEntries(names) as Passwords),
    users,
  });
  if (renewed !== (await readFile(path, "utf8"))) replaceFile(path, renewed, mode);
}

function makePasswords(): Passwords {
  const names = [...serviceNames, "postgres", "redis"] as const;
  const passwords = names.map((name) => [name, randomBytes(24).toString("base64url")]);
  return Object.fromEntries(passwords);
}

function filesOf(
  definition: ServiceDefinition,
  passwords: Passwords,
  publicKeys: string,
): [string, string][] {
  const { name, migrations, usesCache } = definition;
  const login = `${name}:${passwords[name]}`;
  const files: [string, string][] = [["broker-url", `amqp://${login}@rabbitmq:5672/${virtualHost}`]];
  if (migrations) files.push(["database-url", `postgres://${login}@postgres:5432/${name}`]);
  if (usesCache) files.push(["cache-url", `redis://default:${passwords.redis}@redis:6379`]);
  if (name !== "auth") files.push(["public-keys.json", publicKeys]);
  return files.map(([file, text]) => [`services/${name}/${file}`, text]);
}

function brokerDefinitions({ postgres: _postgres, redis: _redis, ...passwords }: Passwords): Definitions {
  const { partitions, queueType } = readSettings(process.env);
  return definitionsFor({ events, passwords, partitions, queueType });
}

/** A database and a user for each service, who may enter no other. Passwords hold letters, digits, `-` and `_`. */
function databaseStatements(passwords: Passwords): string {
  const owners = definitions.filter(({ migrations }) => migrations);
  const statements = owners.flatMap(({ name }) => [
    `CREATE ROLE ${name} LOGIN PASSWORD '${passwords[name]}';`,
    `CREATE DATABASE ${name} OWNER ${name};`,
    `REVOKE ALL ON DATABASE ${name} FROM PUBLIC;`,
  ]);
  return `${statements.join("\n")}\n`;
}

if (import.meta.main) {
  const [folder, option] = process.argv.slice(2);
  if (!folder || (option !== undefined && option !== "--readable")) {
    console.error("Usage: npx node scripts/make-secrets.ts FOLDER [--readable]");
    process.exitCode = 1;
  } else {
    const outcome = await makeSecrets(resolve(folder), option ? "everyone" : "owner");
    console.log(`The secrets in ${folder} were ${outcome}.`);
  }
}
