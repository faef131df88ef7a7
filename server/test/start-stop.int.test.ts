import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPerson, type Person } from "@gochat/testing/people";
import { type Program, startProgram } from "@gochat/testing/program";
import { connectChat } from "@gochat/testing/sockets";
import { afterEach, beforeEach, expect, test } from "vitest";
import { postgresOf } from "./processes.ts";
import { beginUpload } from "./upload.ts";

let dataFolder: string;
let programs: Program[];

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), "gochat-start-"));
  programs = [];
});
afterEach(async () => {
  for (const program of programs) program.process.kill("SIGKILL");
  await Promise.all(programs.map(({ ended }) => ended));
  for (const pid of await postgresOf(join(dataFolder, "postgres"))) process.kill(pid, "SIGQUIT");
  await rm(dataFolder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

function start(settings: Readonly<Record<string, string>> = {}): Program {
  const program = startProgram({ GOCHAT_DATA: dataFolder, ...settings });
  programs.push(program);
  return program;
}

function postgres(): Promise<number[]> {
  return postgresOf(join(dataFolder, "postgres"));
}

async function signUp(url: string, username: string): Promise<Person> {
  const person = createPerson(url, { id: "", username });
  const { email, password } = person;
  const answer = await person.request("POST", "/api/auth/signup", { email, username, password });
  expect(answer.status).toBe(201);
  return Object.assign(person, { id: answer.body.user.id as string });
}

/** Sends one message and waits until the sender is told that it is stored. */
async function say(url: string, from: Person, to: Person, body: string): Promise<void> {
  await using socket = await connectChat({ url }, from);
  const id = randomUUID();
  socket.send({ type: "message.send", id, to: to.id, body });
  await socket.receives("message.stored", (frame) => frame.message.id === id);
}

async function lastMessageOf(url: string, { cookie }: Person): Promise<unknown> {
  const answer = await fetch(new URL("/api/conversations", url), { headers: { cookie } });
  const { conversations } = (await answer.json()) as { conversations: { lastMessage: { body: string } }[] };
  return conversations[0]?.lastMessage.body;
}

/** Waits for the refusal, and checks that it is one line and exit code 1. */
async function refusalOf(program: Program): Promise<string> {
  expect(await program.ended).toBe(1);
  expect(program.errors.text).toMatch(/^GoChat did not start\. [^\n]+\n$/);
  return program.errors.text;
}

test("the first start says what runs and where; SIGTERM leaves nothing running", async () => {
  const gochat = start();
  const url = await gochat.ready;
  expect(gochat.output.text).toContain(`embedded PostgreSQL 18.4 in ${dataFolder}`);
  expect((await fetch(new URL("/readyz", url))).status).toBe(200);
  expect(await postgres()).toHaveLength(1);
  for (const [, other] of gochat.output.text.matchAll(/Others in your network open (\S+)/g)) {
    expect((await fetch(new URL("/readyz", other))).status).toBe(200);
  }
  gochat.process.kill("SIGTERM");
  expect(await gochat.ended).toBe(0);
  expect(gochat.output.text).toMatch(/\nStopping\. What was acknowledged is kept\.\n$/);
  expect(gochat.errors.text).toBe("");
  expect(await postgres()).toEqual([]);
  expect(await readdir(dataFolder)).not.toContain("gochat.pid");
});

test("--help says what can be asked for, and starts nothing", async () => {
  const help = startProgram({ GOCHAT_DATA: dataFolder, PORT: "no port" }, ["--help"]);
  programs.push(help);
  expect(await help.ended).toBe(0);
  expect(help.output.text).toContain("npm start -- migrate [SERVICE …]");
  expect(await readdir(dataFolder)).toEqual([]);
});

test("after kill -9 and a new start every message is there, and one PostgreSQL runs", async () => {
  const first = start();
  const url = await first.ready;
  const ana = await signUp(url, "ana");
  const bob = await signUp(url, "bob");
  await say(url, ana, bob, "before the crash");
  const [orphan] = await postgres();
  first.process.kill("SIGKILL");
  expect(await first.ended).toBe(null);

  const nextUrl = await start().ready;
  expect(await postgres()).toHaveLength(1);
  expect(await postgres()).not.toContain(orphan);
  expect(await lastMessageOf(nextUrl, bob)).toBe("before the crash");
  await say(nextUrl, bob, ana, "after the crash");
  expect(await lastMessageOf(nextUrl, ana)).toBe("after the crash");
});

test("when PostgreSQL is killed at the same time, the next start recovers", async () => {
  const first = start();
  const url = await first.ready;
  const ana = await signUp(url, "ana");
  await say(url, ana, await signUp(url, "bob"), "before the kill");
  const [pid] = await postgres();
  first.process.kill("SIGKILL");
  process.kill(pid!, "SIGKILL");
  await first.ended;
  expect(await lastMessageOf(await start().ready, ana)).toBe("before the kill");
});

test("Ctrl-C reaches the whole group of the terminal, and still stops in order", async () => {
  const gochat = start();
  await gochat.ready;
  process.kill(-gochat.process.pid!, "SIGINT");
  expect(await gochat.ended).toBe(0);
  expect(gochat.errors.text).toBe("");
  expect(await postgres()).toEqual([]);
});

test("SIGTERM during the start leaves nothing running either", async () => {
  const gochat = start();
  await expect.poll(postgres, { timeout: 25_000, interval: 5 }).toHaveLength(1);
  gochat.process.kill("SIGTERM");
  expect(await gochat.ended).toBe(0);
  expect(await postgres()).toEqual([]);
});

test("a terminal that is closed stops it in order", async () => {
  const gochat = start();
  await gochat.ready;
  process.kill(-gochat.process.pid!, "SIGHUP");
  expect(await gochat.ended).toBe(0);
  expect(await postgres()).toEqual([]);
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "a second %s no longer waits for what is in hand, and leaves no PostgreSQL behind",
  async (signal) => {
    const gochat = start();
    await using upload = await beginUpload(await gochat.ready);
    gochat.process.kill(signal);
    await upload.refusedElsewhere;
    gochat.process.kill(signal);
    expect(await gochat.ended).toBe(1);
    expect(await postgres()).toEqual([]);
  },
);

test("a request that is never sent to its end does not keep it from stopping in order", async () => {
  const gochat = start();
  await using _upload = await beginUpload(await gochat.ready);
  gochat.process.kill("SIGTERM");
  expect(await gochat.ended).toBe(0);
  expect(await postgres()).toEqual([]);
});

test("a port that is taken is named, and PostgreSQL does not stay behind", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "::", resolve));
  const { port } = taken.address() as { port: number };
  try {
    expect(await refusalOf(start({ PORT: String(port) }))).toContain(`Port ${port} is taken`);
    expect(await postgres()).toEqual([]);
  } finally {
    taken.close();
  }
});

test("a data folder in use is named with the process that uses it, which goes on", async () => {
  const first = start();
  const url = await first.ready;
  expect(await refusalOf(start())).toContain(
    `The data folder ${dataFolder} is in use by process ${first.process.pid}.`,
  );
  expect((await fetch(new URL("/readyz", url))).status).toBe(200);
  expect(await postgres()).toHaveLength(1);
});

test("a data folder of another version is named", async () => {
  await mkdir(join(dataFolder, "postgres"));
  await writeFile(join(dataFolder, "postgres/PG_VERSION"), "16\n");
  expect(await refusalOf(start())).toContain("was made by PostgreSQL 16");
});

test.each([
  [{ GOCHAT_FOO: "1" }, "GOCHAT_FOO"],
  [{ PORT: "3000x" }, "PORT=3000x"],
  [{ PORT: "70000" }, "PORT=70000"],
  [{ RATE_LIMITS: "off", NODE_ENV: "production" }, "RATE_LIMITS=off"],
  [{ DATABASE_URL: "mysql://root:secret@localhost/chat" }, "DATABASE_URL"],
])("%j stops the start with its name, before anything is made", async (settings, name) => {
  const refusal = await refusalOf(start(settings));
  expect(refusal).toContain(name);
  expect(refusal).not.toContain("secret");
  expect(await readdir(dataFolder)).toEqual([]);
});
