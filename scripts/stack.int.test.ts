import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { topologyOf } from "@gochat/broker/rabbitmq/topology";
import { events } from "@gochat/contracts/events/events";
import { freePort } from "@gochat/engines/free-port";
import { findProcess, membersOf } from "@gochat/engines/process-file";
import type { StackState } from "@gochat/stack/state";
import { createPerson } from "@gochat/testing/people";
import { connect } from "amqplib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let folder: string;
let stateFile: string;
let port: number;
let stack: ChildProcess;
let output = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-stack-test-"));
  stateFile = join(folder, "state.json");
  port = await freePort();
  await start();
}, 120_000);
afterAll(async () => {
  if (stack.exitCode === null && stack.signalCode === null) await stop("SIGTERM");
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}, 60_000);

async function start(): Promise<void> {
  await launch();
  const ended = once(stack, "exit").then(() => {
    throw new Error(`The stack ended before it was ready: ${output}`);
  });
  const ready = (async () => {
    while (!output.includes("GoChat is ready")) await delay(50);
  })();
  await Promise.race([ready, ended]);
}

async function launch(): Promise<void> {
  await rm(stateFile, { force: true });
  output = "";
  stack = spawn(
    process.execPath,
    [resolve(import.meta.dirname, "stack.ts"), "--data", join(folder, "data"), "--state", stateFile],
    {
      env: {
        PATH: process.env.PATH,
        PORT: String(port),
        LOG_LEVEL: "warn",
        RATE_LIMITS: "off",
        PARTITIONS: "2",
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  for (const stream of [stack.stdout!, stack.stderr!]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
}

async function stop(signal: NodeJS.Signals): Promise<number | null> {
  const ended = once(stack, "exit");
  stack.kill(signal);
  const [code] = await ended;
  return code;
}

const state = (): StackState => JSON.parse(readFileSync(stateFile, "utf8"));

function processIds({ services, postgres, rabbitmq, redis, nginx }: StackState): number[] {
  return [...Object.values(services).flat(), postgres, rabbitmq, redis, nginx].map(({ pid }) => pid!);
}

/** Everything but the process ids: what a restart must not change. */
function withoutIds(value: StackState): unknown {
  return JSON.parse(JSON.stringify(value, (key, entry) => (key === "pid" ? undefined : entry)));
}

async function becomes(condition: () => boolean | Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  for (const until = Date.now() + timeoutMs; !(await condition()); await delay(50)) {
    if (Date.now() > until)
      throw new Error(`It did not become so within ${timeoutMs} ms. It said: ${output}`);
  }
}

/** Asks for a queue as it should be: RabbitMQ refuses one that has other arguments. */
async function expectQueuesInMemory(): Promise<void> {
  const { queues } = topologyOf({ events, partitions: 2, queueType: "classic" });
  const connection = await connect(state().rabbitmq.url);
  try {
    const channel = await connection.createChannel();
    channel.on("error", () => {});
    for (const { name, arguments: given } of queues)
      await channel.assertQueue(name, { durable: true, arguments: given });
  } finally {
    await connection.close();
  }
}

const signsIn = async (email: string, password: string) => {
  const guest = createPerson(state().url, { id: "", username: "" });
  return guest.request("POST", "/api/auth/signin", { email, password }).then(
    ({ status }) => status === 200,
    () => false,
  );
};

test("its queues are as one RabbitMQ needs them, of the number that is set", expectQueuesInMemory);

test("it prints one address and says in the file what runs where", async () => {
  const { url, services, nginx } = state();
  expect(url).toBe(`http://localhost:${port}`);
  expect(output).toContain(url);
  expect(Object.entries(services).map(([name, nodes]) => [name, nodes.length])).toEqual([
    ["auth", 1],
    ["users", 1],
    ["chat", 2],
    ["messages", 2],
    ["notifications", 2],
  ]);
  for (const pid of processIds(state())) expect(findProcess(pid)).toBeDefined();
  expect(membersOf(nginx.pid, join(folder, "data")).length).toBeGreaterThan(1);
  for (const { url: service } of Object.values(services).flat()) {
    expect((await fetch(new URL("/readyz", service))).status).toBe(200);
  }
  expect((await fetch(url)).headers.get("content-type")).toContain("text/html");
  expect((await fetch(new URL("/readyz", url))).status).toBe(404);
});

describe("a part that dies is started again, on the same ports and data:", () => {
  const parts: [string, (state: StackState) => number | null][] = [
    ["auth", ({ services }) => services.auth[0]!.pid],
    ["users", ({ services }) => services.users[0]!.pid],
    ["chat", ({ services }) => services.chat[1]!.pid],
    ["messages", ({ services }) => services.messages[0]!.pid],
    ["notifications", ({ services }) => services.notifications[1]!.pid],
    ["nginx", ({ nginx }) => nginx.pid],
    ["postgres", ({ postgres }) => postgres.pid],
    ["rabbitmq", ({ rabbitmq }) => rabbitmq.pid],
    ["redis", ({ redis }) => redis.pid],
  ];
  const msToRestart: number[] = [];

  test.each(parts)(
    "%s",
    async (name, idOf) => {
      const before = state();
      const { email, username, password } = createPerson(before.url, { id: "", username: `of-${name}` });
      const person = createPerson(before.url, { id: "", username });
      expect((await person.request("POST", "/api/auth/signup", { email, username, password })).status).toBe(
        201,
      );
      const died = performance.now();
      process.kill(idOf(before)!, "SIGKILL");
      await becomes(() => idOf(state()) !== idOf(before));
      msToRestart.push(performance.now() - died);
      expect(findProcess(idOf(state())!)).toBeDefined();
      expect(withoutIds(state())).toEqual(withoutIds(before));
      await becomes(() => signsIn(email, password));
      const nodes = Object.values(state().services).flat();
      const isReady = async ({ url }: { url: string }) =>
        fetch(new URL("/readyz", url)).then(
          ({ status }) => status === 200,
          () => false,
        );
      await becomes(async () => (await Promise.all(nodes.map(isReady))).every(Boolean));
    },
    90_000,
  );

  // A busy machine may delay one of them.
  test("within a second, more often than not", () => {
    expect(msToRestart).toHaveLength(parts.length);
    expect(msToRestart.sort((one, other) => one - other)[4]).toBeLessThan(1_000);
  });
});

/** What it says where it does not start. */
async function refusalOf(...given: string[]): Promise<string> {
  const refused = spawn(process.execPath, [resolve(import.meta.dirname, "stack.ts"), ...given], {
    env: { PATH: process.env.PATH, PORT: "0" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [said, [code]] = await Promise.all([text(refused.stderr), once(refused, "exit")]);
  expect(code).toBe(1);
  expect(said).not.toContain("    at ");
  return said;
}

test("a second one is kept out of its folder", async () => {
  expect(await refusalOf("--data", join(folder, "data"))).toContain("is in use by another stack");
  expect(findProcess(state().nginx.pid)).toBeDefined();
});

test("what it cannot use is refused at once, in a sentence", async () => {
  expect(await refusalOf("--state", join(folder, "no/state.json"))).toContain(
    "Give another file with --state.",
  );
  expect(await refusalOf("--data", stateFile)).toContain("Give another with --data.");
  expect(await refusalOf("--stat", "x")).toMatch(/^Unknown option '--stat'.*\n\nnpm run stack -- /);
});

test("killed, it leaves nothing behind, and what was stored is there at the next start", async () => {
  const left = processIds(state());
  await stop("SIGKILL");
  await becomes(() => left.every((pid) => !findProcess(pid)));
  await start();
  expect(await signsIn("of-nginx@example.org", "correct horse of-nginx battery")).toBe(true);
}, 120_000);

test("killed together with its watchdog, what it leaves behind is ended by the next start", async () => {
  const left = processIds(state());
  const watchdog = Number.parseInt(readFileSync(join(folder, "data/watchdog.pid"), "utf8"), 10);
  process.kill(-watchdog, "SIGKILL");
  await stop("SIGKILL");
  expect(left.filter((pid) => findProcess(pid))).toEqual(left);
  await start();
  await becomes(() => left.every((pid) => !findProcess(pid)));
  expect(await signsIn("of-nginx@example.org", "correct horse of-nginx battery")).toBe(true);
}, 120_000);

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s stops everything that it started",
  async (signal) => {
    if (stack.exitCode !== null) await start();
    const all = processIds(state());
    expect(await stop(signal)).toBe(0);
    expect(all.filter((pid) => findProcess(pid))).toEqual([]);
    expect(existsSync(join(folder, "data", "stack.pid"))).toBe(false);
  },
  120_000,
);

test("a signal while it starts stops what it has started so far", async () => {
  const started = () => globSync("*/engine.pid", { cwd: join(folder, "data") });
  expect(started()).toEqual([]);
  await launch();
  await becomes(() => started().length > 0);
  const all = started().map((file) => Number.parseInt(readFileSync(join(folder, "data", file), "utf8"), 10));
  expect(await stop("SIGTERM")).toBe(0);
  expect(output).toBe("Starting PostgreSQL, RabbitMQ and Redis, but for those that are given.\n");
  expect(all.filter((pid) => findProcess(pid))).toEqual([]);
  expect(started()).toEqual([]);
  expect(existsSync(join(folder, "data", "stack.pid"))).toBe(false);
}, 120_000);
