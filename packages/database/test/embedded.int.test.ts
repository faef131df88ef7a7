import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startEmbeddedPostgres } from "../embedded.ts";
import { StartError } from "../start-error.ts";

const migrations = new URL("./migrations/", import.meta.url);
let parent: string;
let dataFolder: string;

beforeEach(async () => {
  // Closed to everyone else, as the home of root is.
  parent = await mkdtemp(join(tmpdir(), "gochat-embedded-"));
  await chmod(parent, 0o700);
  dataFolder = join(parent, "data");
});
afterEach(() => rm(parent, { recursive: true, force: true }));

interface Holder {
  readonly process: ChildProcess;
  readonly url: string;
}

/** The embedded PostgreSQL in a process of its own; rejects with what that printed where it does not start. */
async function hold(environment: NodeJS.ProcessEnv = process.env): Promise<Holder> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "hold-postgres.ts"), dataFolder], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  return new Promise((resolve, reject) => {
    child.stdout.once("data", (line) => resolve({ process: child, ...JSON.parse(String(line)) }));
    child.once("exit", () => reject(new Error(errors)));
  });
}

async function postmasterPid(): Promise<number> {
  const text = await readFile(join(dataFolder, "postgres/postmaster.pid"), "utf8");
  return Number.parseInt(text, 10);
}

/** Not a zombie that waits for its burial, either. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || readFileSync(`/proc/${pid}/cmdline`, "utf8") !== "";
  } catch {
    return false;
  }
}

async function ask(url: string, sql: string): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function refusalOf(start: Promise<AsyncDisposable>): Promise<string> {
  const error = await start.then(
    (server) => server[Symbol.asyncDispose]().then(() => undefined),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StartError);
  return (error as StartError).message;
}

test("keeps data over a stop, and a stop leaves neither process nor pid file", async () => {
  let pid = 0;
  {
    await using server = await startEmbeddedPostgres({ dataFolder });
    expect(server.description).toBe(`embedded PostgreSQL 18.4 in ${dataFolder}`);
    const database = await server.open("auth", migrations);
    await database.query("INSERT INTO things (name) VALUES ('kept')");
    pid = await postmasterPid();
  }
  expect(isAlive(pid)).toBe(false);
  expect((await readdir(dataFolder)).sort()).toEqual(["lock", "postgres"]);
  expect(await readdir(join(dataFolder, "postgres"))).not.toContain("postmaster.pid");

  await using server = await startEmbeddedPostgres({ dataFolder });
  const database = await server.open("auth", migrations);
  expect(await database.query("SELECT name FROM things")).toEqual([{ name: "kept" }]);
});

test("is durable, compares text by code point, and nobody else can read the files", async () => {
  await using server = await startEmbeddedPostgres({ dataFolder });
  const [row] = await ask(
    server.url,
    `SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS pages,
            current_setting('synchronous_commit') AS commit, 'B' < 'a' AS by_code_point, upper('é') AS upper`,
  );
  expect(row).toEqual({ fsync: "on", pages: "on", commit: "on", by_code_point: true, upper: "É" });
  expect((await stat(dataFolder)).mode & 0o777).toBe(0o700);
  expect((await stat(join(dataFolder, "postgres/gochat.password"))).mode & 0o777).toBe(0o600);
});

test("a second one on the same folder is refused in one sentence, in this process and from another", async () => {
  const inUse = `The data folder ${dataFolder} is in use by process ${process.pid}.`;
  await using _server = await startEmbeddedPostgres({ dataFolder });
  expect(await refusalOf(startEmbeddedPostgres({ dataFolder }))).toContain(inUse);
  await expect(hold()).rejects.toThrow(inUse);
});

test("after kill -9 the next start stops the PostgreSQL left behind and loses nothing", async () => {
  const killed = await hold();
  await ask(killed.url, "CREATE TABLE kept AS SELECT 1 AS one");
  const orphan = await postmasterPid();
  killed.process.kill("SIGKILL");
  await once(killed.process, "exit");
  expect(isAlive(orphan)).toBe(true);

  await using server = await startEmbeddedPostgres({ dataFolder });
  expect(await ask(server.url, "SELECT one FROM kept")).toEqual([{ one: 1 }]);
  expect(await postmasterPid()).not.toBe(orphan);
  expect(isAlive(orphan)).toBe(false);
});

test("one that dies is started again, and the pool goes on", async () => {
  await using server = await startEmbeddedPostgres({ dataFolder });
  const database = await server.open("auth", migrations);
  await database.query("INSERT INTO things (name) VALUES ('kept')");
  process.kill(await postmasterPid(), "SIGKILL");
  const names = () => database.query("SELECT name FROM things").catch(() => []);
  await expect.poll(names, { timeout: 15_000 }).toEqual([{ name: "kept" }]);
});

test("a pid file whose process id now belongs to another program does not stop the start", async () => {
  await (await startEmbeddedPostgres({ dataFolder }))[Symbol.asyncDispose]();
  const stale = `${process.pid}\n${join(dataFolder, "postgres")}\n1700000000\n5432\n\n\n\n`;
  await writeFile(join(dataFolder, "postgres/postmaster.pid"), stale, { mode: 0o600 });
  await writeFile(join(dataFolder, "postgres/.s.PGSQL.5432.lock"), stale, { mode: 0o600 });
  await using server = await startEmbeddedPostgres({ dataFolder });
  expect(await ask(server.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("a copy of a folder in use does not stop the original", async () => {
  await using original = await startEmbeddedPostgres({ dataFolder });
  const copy = join(parent, "copy");
  await mkdir(join(copy, "postgres"), { recursive: true });
  for (const file of ["PG_VERSION", "postmaster.pid", "gochat.password"]) {
    await cp(join(dataFolder, "postgres", file), join(copy, "postgres", file));
  }
  await expect(startEmbeddedPostgres({ dataFolder: copy })).rejects.toThrow("PostgreSQL did not start");
  expect(await ask(original.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("a first start that crashed half way begins anew", async () => {
  await mkdir(join(dataFolder, "postgres.new/cluster"), { recursive: true });
  await writeFile(join(dataFolder, "postgres.new/cluster/PG_VERSION"), "18\n");
  await using _server = await startEmbeddedPostgres({ dataFolder });
  expect((await readdir(dataFolder)).sort()).toEqual(["gochat.pid", "lock", "postgres"]);
});

test("data of another version, or of something else, is refused in one sentence and left alone", async () => {
  const folder = join(dataFolder, "postgres");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "notes.txt"), "mine");
  expect(await refusalOf(startEmbeddedPostgres({ dataFolder }))).toContain(
    "is not a database that GoChat made",
  );
  await writeFile(join(folder, "PG_VERSION"), "17\n");
  expect(await refusalOf(startEmbeddedPostgres({ dataFolder }))).toContain(
    `The data in ${folder} was made by PostgreSQL 17, and this GoChat brings PostgreSQL 18.`,
  );
  expect((await readdir(folder)).sort()).toEqual(["PG_VERSION", "notes.txt"]);
});

test("a folder that cannot be made is refused in one sentence", async () => {
  expect(await refusalOf(startEmbeddedPostgres({ dataFolder: "/proc/nowhere/data" }))).toContain(
    "The data folder /proc/nowhere/data cannot be written",
  );
  await writeFile(dataFolder, "a file stands in the way");
  for (const folder of [dataFolder, join(dataFolder, "below")]) {
    expect(await refusalOf(startEmbeddedPostgres({ dataFolder: folder }))).toContain(
      `The data folder cannot be made, because ${dataFolder} is a file.`,
    );
  }
});

test("a path too long for a socket is served on a port of this machine only", async () => {
  dataFolder = join(parent, "long".repeat(30), "with space, and 'quote'");
  await using server = await startEmbeddedPostgres({ dataFolder });
  expect(new URL(server.url).hostname).toBe("127.0.0.1");
  expect(await ask(server.url, "SHOW listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
  const withoutPassword = server.url.replace(/:[^:@/]+@/, ":wrong@");
  await expect(ask(withoutPassword, "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
});

test("where root may not make user namespaces, another user runs it or one sentence says what is in the way", async () => {
  // Without `unshare` on the path. As an ordinary user this makes no difference, and it starts.
  const environment = { ...process.env, PATH: parent };
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    await expect(hold(environment)).rejects.toThrow(`because ${parent} is closed to others`);
    await chmod(parent, 0o711);
  }
  const { process: holder, url } = await hold(environment);
  expect(await ask(url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  const { uid } = await stat(join(dataFolder, "postgres"));
  expect(uid === 0).toBe(false);
  holder.kill("SIGTERM");
  await once(holder, "exit");

  // The data goes back to root where namespaces are allowed again.
  await using server = await startEmbeddedPostgres({ dataFolder });
  expect(await ask(server.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});
