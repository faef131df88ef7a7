import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectRedis } from "@gochat/cache/redis";
import type { Engine } from "@gochat/engines/engine";
import { startRedis } from "@gochat/engines/redis";
import { createNotificationsService } from "@gochat/notifications/index";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import type { Person } from "@gochat/testing/people";
import { connectChat, connectNotifications, type Frame } from "@gochat/testing/sockets";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually, hears, read, say } from "../talk.ts";

const times = { heartbeat: 1_000, expiry: 5_000, debounce: 200, sweep: 200, grace: 4_000 };
const patienceMs = 20_000;

let folder: string;
let redis: Engine;
let gochat: GoChat;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-outage-"));
  redis = await startRedis({ folder });
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  const logger = { info() {}, warn() {} };
  gochat = await startGoChat({
    services: ["auth", "users", "messages", createNotificationsService({ presence: times }), "chat"],
    cache: await connectRedis({ url: redis.url, logger }),
    settings: { logLevel: "silent" },
  });
});
afterEach(() => gochat[Symbol.asyncDispose]());

const of = (person: Person) => (frame: Frame) => frame.userId === person.id;

async function statusOf(person: Person): Promise<string> {
  return (await read(gochat.guest(), `/api/users/${person.id}`)).user.status;
}

function becomes(person: Person, status: string): Promise<void> {
  return eventually(async () => expect(await statusOf(person)).toBe(status), patienceMs);
}

const outages = [
  ["killed", () => redis.kill(), () => redis.restart()],
  ["hanging", async () => process.kill(redis.pid, "SIGSTOP"), async () => process.kill(redis.pid, "SIGCONT")],
] as const;

test.each(outages)(
  "while Redis is %s everything works, presence is unknown, and nobody seems to leave",
  async (_how, goAway, comeBack) => {
    const [ana, bob] = [await gochat.signUp("ana"), await gochat.signUp("bob")];
    await using anaChat = await connectChat(gochat, ana);
    await using bobChat = await connectChat(gochat, bob);
    await using _anaBell = await connectNotifications(gochat, ana);
    await using bobBell = await connectNotifications(gochat, bob);
    await bobBell.receives("user.online", of(ana));
    await becomes(ana, "online");

    await goAway();
    try {
      await becomes(ana, "unknown");
      const { users } = await read(bob, "/api/users");
      expect(users.map(({ status }: { status: string }) => status)).toEqual(["unknown", "unknown"]);

      const { message, conversationId } = await say(anaChat, bob, "Are you there?");
      await hears(bobChat, message.id);
      const history = await read(bob, `/api/conversations/${conversationId}/messages?limit=1&before=2`);
      expect(history.messages).toMatchObject([{ body: "Are you there?" }]);
      await eventually(async () => expect((await read(bob, "/api/notifications")).unreadCount).toBe(1));
      bobChat.send({ type: "message.read", conversationId, seq: 1 });
      await anaChat.receives("message.read", of(bob));

      const kim = await gochat.signUp("kim");
      const signedIn = { email: kim.email, password: kim.password };
      expect((await kim.request("POST", "/api/auth/signin", signedIn)).status).toBe(200);
      await using kimBell = await connectNotifications(gochat, kim);
      expect(kimBell.frames[0]).toEqual({ type: "ready", guest: false });
      expect((await gochat.guest().request("GET", "/readyz")).body.checks.cache).toBe("waiting");

      await comeBack();
      await bobBell.receives("user.online", of(kim), patienceMs);
      await becomes(kim, "online");
      await becomes(ana, "online");
      await bobBell.silent("user.offline", times.grace + times.heartbeat);
      expect((await gochat.guest().request("GET", "/readyz")).status).toBe(200);
    } finally {
      await comeBack();
    }
  },
  90_000,
);

test("emptied, Redis costs nobody their presence", async () => {
  const [ana, bob] = [await gochat.signUp("ana"), await gochat.signUp("bob")];
  await using _anaBell = await connectNotifications(gochat, ana);
  await using bobBell = await connectNotifications(gochat, bob);
  await bobBell.receives("user.online", of(ana));
  // It keeps nothing on disk.
  await redis.restart();
  await becomes(ana, "online");
  await bobBell.silent("user.offline", times.grace + times.heartbeat);
  await becomes(ana, "online");
}, 90_000);
