import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ServiceName } from "@gochat/contracts/events/event";
import { findProgram } from "@gochat/engines/debian";
import { startPostgres } from "@gochat/engines/postgres";
import { startRabbitmq } from "@gochat/engines/rabbitmq";
import { startRedis } from "@gochat/engines/redis";

const psql = {
  name: "psql",
  debianPackages: ["postgresql-client"],
  paths: ["/usr/bin/psql"],
  variable: "PSQL_PATH",
};

export interface SecretEngines extends AsyncDisposable {
  /** What a service is given of its secrets, as the deployments give it: paths of files. */
  environmentOf(service: ServiceName): Promise<Record<string, string>>;
}

/** PostgreSQL, RabbitMQ and Redis on this machine, set up by what scripts/make-secrets.ts made in `secrets`. */
export async function startSecretEngines(secrets: string, folder: string): Promise<SecretEngines> {
  const read = (path: string) => readFileSync(join(secrets, path), "utf8");
  await using starting = new AsyncDisposableStack();
  const postgres = starting.use(await startPostgres({ folder: join(folder, "postgres") }));
  await runStatements(join(secrets, "engines/postgres/init.sql"), postgres.url);
  const definitions = JSON.parse(read("engines/rabbitmq/definitions.json"));
  const rabbitmq = starting.use(await startRabbitmq({ folder: join(folder, "rabbitmq"), definitions }));
  const password = new URL(read("services/users/cache-url")).password;
  const redis = starting.use(await startRedis({ folder: join(folder, "redis"), password }));
  const hosts = { "database-url": postgres.url, "broker-url": rabbitmq.url, "cache-url": redis.url };
  const started = starting.move();

  return {
    async environmentOf(service) {
      const environment: Record<string, string> = {};
      for (const [file, engine] of Object.entries(hosts)) {
        const path = join(secrets, "services", service, file);
        if (!existsSync(path)) continue;
        const url = Object.assign(new URL(readFileSync(path, "utf8")), { host: new URL(engine).host });
        const here = join(folder, `${service}-${file}`);
        await writeFile(here, url.href, { mode: 0o644 });
        environment[`${file.replace("-", "_").toUpperCase()}_FILE`] = here;
      }
      const [name, keys] =
        service === "auth" ? ["KEYS_FILE", "keys.json"] : ["PUBLIC_KEYS_FILE", "public-keys.json"];
      return { ...environment, [name]: join(secrets, "services", service, keys) };
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** As the image of PostgreSQL runs the files that it finds when a database is made. */
export async function runStatements(file: string, superuserUrl: string): Promise<void> {
  await promisify(execFile)(findProgram(psql), ["--set=ON_ERROR_STOP=1", `--file=${file}`, superuserUrl]);
}
