import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createServiceDatabases } from "@gochat/engines/service-databases";
import { createPerson, type Person, signUp } from "@gochat/testing/people";
import { startProgram } from "@gochat/testing/program";
import { connectChat } from "@gochat/testing/sockets";
import { afterEach, beforeEach, expect, inject, test, vi } from "vitest";
import { read, say } from "../tests/talk.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-copy-"));
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

/** Starts GoChat with these settings, does the work, and stops it again. */
async function whileRunning(
  settings: Readonly<Record<string, string>>,
  work: (url: string) => Promise<void>,
) {
  const gochat = startProgram({ RATE_LIMITS: "off", ...settings });
  try {
    await work(await gochat.ready);
    gochat.process.kill("SIGTERM");
    expect(await gochat.ended).toBe(0);
  } finally {
    gochat.process.kill("SIGKILL");
    await gochat.ended;
  }
}

async function copy(environment: Readonly<Record<string, string>>): Promise<string> {
  const script = join(import.meta.dirname, "copy-data.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [script], {
    env: { PATH: process.env.PATH, ...environment },
  });
  return stdout;
}

/** All that Bob has of it, as everybody sees it. */
async function everythingOf(bob: Person): Promise<object> {
  const { conversations } = await read(bob, "/api/conversations");
  const { messages } = await read(bob, `/api/conversations/${conversations[0].id}/messages`);
  const { notifications, unreadCount } = await read(bob, "/api/notifications");
  const { users } = await read(bob, "/api/users?sort=username");
  const people = users.map(({ id, username }: { id: string; username: string }) => ({ id, username }));
  return { conversations, messages, notifications, unreadCount, people };
}

test("what one machine had is there in the database of a cluster, and GoChat goes on with it", async () => {
  const data = join(folder, "data");
  const name = `copied${randomBytes(5).toString("hex")}`;
  const urls = await createServiceDatabases(inject("postgresUrl"), { [name]: "Zk3-vJ9_x" });
  const target = { DATABASE_URL: urls[name]! };
  let ana: Person;
  let bob: Person;
  let before: object;
  await whileRunning({ GOCHAT_DATA: data }, async (url) => {
    [ana, bob] = [await signUp(url, "ana"), await signUp(url, "bob")];
    await using socket = await connectChat({ url }, ana);
    for (const body of ["one", "two \u{1F600}", 'a "quoted" \\ third']) await say(socket, bob, body);
    await vi.waitFor(
      async () => expect(await read(bob, "/api/notifications")).toMatchObject({ unreadCount: 1 }),
      10_000,
    );
    before = await everythingOf(bob);
  });

  expect(await copy({ GOCHAT_DATA: data, ...target })).toMatch(/^messages: \d+ rows copied$/m);
  await expect(copy({ GOCHAT_DATA: data, ...target })).rejects.toThrow("has people already");

  const keys = { KEYS_FILE: join(data, "keys/keys.json") };
  await whileRunning({ GOCHAT_DATA: join(folder, "other"), ...keys, ...target }, async (url) => {
    // With the keys, who was signed in still is.
    const same = Object.assign(createPerson(url, bob), { cookie: bob.cookie });
    expect(await everythingOf(same)).toEqual(before);
    const { email, password } = ana;
    const again = createPerson(url, ana);
    expect((await again.request("POST", "/api/auth/signin", { email, password })).status).toBe(200);
    await using socket = await connectChat({ url }, again);
    expect(await say(socket, bob, "four")).toMatchObject({ seq: 4 });
    await signUp(url, "carol");
  });
}, 120_000);
