import { globSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { connectPostgres } from "@gochat/database/postgres";
import { startPostgres } from "@gochat/engines/postgres";
import { services } from "@gochat/server/services";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { secretFiles } from "../deploy/test/kubernetes-overlays.ts";
import { runStatements } from "../deploy/test/secret-engines.ts";
import { makeSecrets } from "./make-secrets.ts";

const kustomizations = resolve(import.meta.dirname, "../deploy/kubernetes/secrets");
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-secrets-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  return rm(folder, { recursive: true, force: true });
});

/** Path → content. */
function readAll(): Map<string, string> {
  const entries = globSync("**/*", { cwd: folder, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map(({ parentPath, name }) => relative(folder, join(parentPath, name))).sort();
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

test("what the deployments ask for is made, readable as asked, and nothing else", async () => {
  expect(await makeSecrets(folder)).toBe("made");
  const asked = await Promise.all(
    ["services", "engines"].map(async (part) => {
      const paths = await secretFiles(join(kustomizations, part));
      return paths.map((path) => `${part}/${path}`);
    }),
  );
  const made = [...readAll().keys()];
  expect(made).toEqual(asked.flat().sort());
  for (const path of made) expect(statSync(join(folder, path)).mode & 0o777).toBe(0o600);
  const readable = join(folder, "readable");
  await makeSecrets(readable, "everyone");
  expect(statSync(join(readable, "services/auth/keys.json")).mode & 0o777).toBe(0o444);
  expect(statSync(join(readable, "services/auth")).mode & 0o777).toBe(0o755);
});

test("what was made is kept; what was begun only is made again", async () => {
  await makeSecrets(folder);
  const made = readAll();
  expect(await makeSecrets(folder)).toBe("kept");
  expect(readAll()).toEqual(made);
  await rm(join(folder, "engines/redis/redis.conf"));
  expect(await makeSecrets(folder)).toBe("made");
  expect(readAll().get("engines/postgres/password")).not.toBe(made.get("engines/postgres/password"));
});

test("the definitions of an older version learn this version's events, and keep their users", async () => {
  await makeSecrets(folder);
  const made = readAll();
  const path = join(folder, "engines/rabbitmq/definitions.json");
  const { queues, bindings, ...others } = JSON.parse(made.get("engines/rabbitmq/definitions.json")!);
  await writeFile(path, JSON.stringify({ ...others, queues: queues.slice(1), bindings: bindings.slice(1) }));
  expect(await makeSecrets(folder)).toBe("kept");
  expect(readAll()).toEqual(made);
});

test("RabbitMQ gets as many queues as are set, of the type that is set, also where all else is kept", async () => {
  const typesOf = () => {
    const { queues } = JSON.parse(readAll().get("engines/rabbitmq/definitions.json")!);
    const sent = queues.filter(({ name }: { name: string }) => name.startsWith("messages.message.sent."));
    return sent.map((queue: { arguments: Record<string, string> }) => queue.arguments["x-queue-type"]);
  };
  vi.stubEnv("PARTITIONS", "2");
  await makeSecrets(folder);
  expect(typesOf()).toEqual(["quorum", "quorum"]);
  vi.stubEnv("QUEUE_TYPE", "classic");
  await makeSecrets(folder);
  expect(typesOf()).toEqual(["classic", "classic"]);
});

test("no part has a password or a private key of another", async () => {
  await makeSecrets(folder);
  const files = readAll();
  const passwords = [...files].flatMap(([path, text]) => {
    const password = /^(amqp|postgres):\/\/\w+:([\w-]{32})@/.exec(text)?.[2];
    return password ? [{ service: path.split("/")[1], password }] : [];
  });
  expect(new Set(passwords.map(({ password }) => password)).size).toBe(5);
  for (const { service, password } of passwords) {
    const holders = [...files]
      .filter(([, text]) => text.includes(password))
      .map(([path]) => path.split("/")[1]);
    expect(new Set(holders).difference(new Set([service, "postgres"]))).toEqual(new Set());
  }
  const { signing, refreshSecret } = JSON.parse(files.get("services/auth/keys.json")!);
  for (const secret of [signing.d, refreshSecret]) {
    const holders = [...files].filter(([, text]) => text.includes(secret)).map(([path]) => path);
    expect(holders).toEqual(["services/auth/keys.json"]);
  }
});

test("PostgreSQL makes a database for each service, which no other may enter", async () => {
  await makeSecrets(folder);
  await using postgres = await startPostgres({ folder: join(folder, "postgres") });
  await runStatements(join(folder, "engines/postgres/init.sql"), postgres.url);
  const given = readFileSync(join(folder, "services/messages/database-url"), "utf8");
  const url = given.replace("postgres:5432", new URL(postgres.url).host);
  await using server = await connectPostgres({ url });
  const database = await server.open("messages", services.messages.migrations!);
  expect(await database.query("SELECT current_database() AS name")).toEqual([{ name: "messages" }]);
  const foreign = connectPostgres({ url: url.replace(/messages$/, "auth") });
  await expect(foreign).rejects.toThrow('permission denied for database "auth"');
});
