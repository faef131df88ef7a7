import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type ServiceName, serviceNames } from "@gochat/contracts/events/event";
import { startRedis } from "@gochat/engines/redis";
import { createServiceDatabases } from "@gochat/engines/service-databases";
import { startCluster } from "@gochat/stack/cluster";
import { takeFolder } from "@gochat/stack/folder";
import { readOrMakeSecrets } from "@gochat/stack/secrets";
import type { Environment } from "@gochat/stack/service-nodes";
import type { ServiceUrls } from "@gochat/stack/service-urls";
import { startWatchdog } from "@gochat/stack/watchdog";
import pg from "pg";
import { inject } from "vitest";
import { createPerson, type Person, signUp } from "./people.ts";
import type { SharedEngines } from "./stack-setup.ts";
import type { GoChat, LogLine, StartOptions } from "./whole-gochat.ts";

type Settings = NonNullable<StartOptions["settings"]>;

/** How long a sign-up may take to reach every service on a busy machine. */
const patienceMs = 10_000;

/** The services as processes behind NGINX, on databases and a virtual host of their own in the run's engines. */
export async function startOnStack(settings: Settings): Promise<GoChat> {
  const engines = inject("sharedEngines");
  await using resources = new AsyncDisposableStack();
  const { path: folder } = resources.use(await takeFolder(undefined));
  resources.use(await startWatchdog(folder));
  const secrets = await readOrMakeSecrets(engines.secretsFolder);
  const redis = resources.use(await startRedis({ folder: join(folder, "redis"), password: secrets.redis }));
  const prefix = `t${randomBytes(5).toString("hex")}_`;
  const databases = await createServiceDatabases(engines.postgresUrl, secrets.passwords, prefix);
  const brokerUrl = Object.assign(new URL(engines.rabbitmqUrl), { pathname: `/${takeVirtualHost(engines)}` });
  const urlsOf = (service: ServiceName): ServiceUrls => ({
    DATABASE_URL: databases[service]!,
    BROKER_URL: Object.assign(new URL(brokerUrl), { username: service, password: secrets.passwords[service] })
      .href,
    CACHE_URL: redis.url,
  });
  const urls = Object.fromEntries(serviceNames.map((service) => [service, urlsOf(service)]));
  const cluster = resources.use(
    await startCluster({
      folder,
      port: 0,
      secrets,
      urls: urls as Record<ServiceName, ServiceUrls>,
      environment: environmentOf(settings),
    }),
  );
  const owned = resources.move();
  return {
    url: cluster.url,
    guest: () => createPerson(cluster.url, { id: "", username: "" }),
    async signUp(name) {
      const person = await signUp(cluster.url, name);
      for (const service of ["users", "messages"]) {
        const database = Object.assign(new URL(engines.postgresUrl), { pathname: `/${prefix}${service}` });
        await untilKnown(person, database.href, `gochat_${service}.people`);
      }
      return person;
    },
    logLines: () => cluster.nodes.flatMap(({ name }) => readLog(join(folder, name, "engine.log"))),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The first virtual host that no other cluster of this run has taken: the queues of a used one are not empty. */
function takeVirtualHost({ virtualHosts, takenFolder }: SharedEngines): string {
  for (const name of virtualHosts) {
    try {
      mkdirSync(join(takenFolder, name));
      return name;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  throw new Error(
    `More than ${virtualHosts.length} clusters in one test run: give stack-setup.ts more virtual hosts.`,
  );
}

/** Waits until the event of a sign-up has reached a service, where no public answer would say so. */
async function untilKnown({ id, username }: Person, databaseUrl: string, table: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const until = performance.now() + patienceMs;
    while (
      (await client.query(`SELECT FROM ${table} WHERE id = $1 AND username = $2`, [id, username])).rows
        .length === 0
    ) {
      if (performance.now() > until)
        throw new Error(`${username} is not in ${table} after ${patienceMs} ms.`);
      await delay(10);
    }
  } finally {
    await client.end();
  }
}

/** The first lines say what was chosen, in words; the last one may not be whole yet. */
function readLog(path: string): LogLine[] {
  const whole = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return whole.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}

function environmentOf(settings: Settings): Environment {
  const { publicUrl, guestDirectory = true, rateLimits = false, tracesEndpoint, logLevel } = settings;
  const onOff = (on: boolean) => (on ? "on" : "off");
  return {
    PATH: process.env.PATH,
    LOG_LEVEL: logLevel ?? process.env.LOG_LEVEL ?? "warn",
    OTEL_EXPORTER_OTLP_ENDPOINT: tracesEndpoint,
    PUBLIC_URL: publicUrl?.origin,
    GUEST_DIRECTORY: onOff(guestDirectory),
    RATE_LIMITS: onOff(rateLimits),
  };
}
