import { randomUUID } from "node:crypto";
import { CacheUnavailableError } from "@gochat/cache/cache";
import { type PresenceListed, presenceListed, sessionRevoked } from "@gochat/contracts/events/user-events";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import type { Person } from "@gochat/testing/people";
import { connectNotifications, type Frame } from "@gochat/testing/sockets";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createPresenceRounds } from "../src/commands/list-presence.ts";
import { createNotificationsService } from "../src/index.ts";
import type { PresenceTimes } from "../src/presence.ts";
import { brokerThat, cacheThat, withContext } from "./fixtures.ts";

const times: PresenceTimes = { heartbeat: 200, expiry: 600, debounce: 150, sweep: 50, grace: 350 };
const of = (person: { id: string }) => (frame: Frame) => frame.userId === person.id;
const untilNow = (time: string) => Date.now() - Date.parse(time);

let cacheIsDown = false;
let failNext = "";
/** Who announces again that somebody is online waits for it. */
let held: Promise<void> = Promise.resolve();
const brokerListeners = new Set<() => void>();
const brokerIsBack = () => {
  for (const listener of brokerListeners) listener();
};
let gochat: GoChat;
let ana: Person;
let bob: Person;

beforeAll(async () => {
  const service = withContext(createNotificationsService({ presence: times }), ({ broker, cache }) => ({
    broker: brokerThat(
      broker,
      async (name) => {
        if (name === "user.online") await held;
        if (name !== failNext) return;
        failNext = "";
        throw new Error("the broker is away");
      },
      (listener) => {
        brokerListeners.add(listener);
        return () => void brokerListeners.delete(listener);
      },
    ),
    cache: cacheThat(cache, () => {
      if (cacheIsDown) throw new CacheUnavailableError();
    }),
  }));
  gochat = await startGoChat({ services: [service] });
});
afterAll(() => gochat[Symbol.asyncDispose]());
beforeEach(async () => {
  ana = await gochat.person("ana");
  bob = await gochat.person("bob");
});

describe("the socket", () => {
  test("says first who is there, and tells everyone of a new person", async () => {
    await using guest = await connectNotifications(gochat, gochat.guest());
    await using own = await connectNotifications(gochat, ana);
    expect(guest.frames[0]).toEqual({ type: "ready", guest: true });
    expect(own.frames[0]).toEqual({ type: "ready", guest: false });
    const kim = await gochat.person("kim");
    for (const socket of [guest, own]) {
      expect(await socket.receives("user.registered", ({ user }) => user.id === kim.id)).toEqual({
        type: "user.registered",
        user: { id: kim.id, username: "kim", status: "offline", lastSeenAt: null },
      });
    }
  });

  test("asks to come again once the broker is back, since what was announced meanwhile is lost", async () => {
    await using socket = await connectNotifications(gochat, ana);
    brokerIsBack();
    expect((await socket.receives("reconnect")).afterMs).toBeGreaterThanOrEqual(0);
  });

  test("keeps the directory from guests where the setting says so", async () => {
    const service = createNotificationsService({ presence: times });
    await using closed = await startGoChat({ services: [service], settings: { guestDirectory: false } });
    await using guest = await connectNotifications(closed, closed.guest());
    const kim = await closed.person("kim");
    guest.send({ type: "presence.watch", userIds: [kim.id] });
    await using own = await connectNotifications(closed, kim);
    await own.receives("user.online", of(kim));
    expect(guest.frames).toEqual([{ type: "ready", guest: true }]);
  });
});

describe("somebody who connects", () => {
  test("is online at once, and offline some time after the last socket closed", async () => {
    await using guest = await connectNotifications(gochat, gochat.guest());
    const laptop = await connectNotifications(gochat, ana);
    const { at } = await guest.receives("user.online", of(ana));
    expect(untilNow(at)).toBeLessThan(2000);
    const phone = await connectNotifications(gochat, ana);
    await laptop.close();
    await guest.silent("user.offline", 2 * times.debounce, of(ana));
    const closedAt = Date.now();
    await phone.close();
    const { lastSeenAt } = await guest.receives("user.offline", of(ana));
    expect(Date.now() - closedAt).toBeGreaterThanOrEqual(times.debounce);
    expect(Math.abs(Date.parse(lastSeenAt) - closedAt)).toBeLessThan(times.debounce);
    await guest.silent("user.online", 50, of(ana));
  });

  test("and comes back within the debounce never left", async () => {
    await using guest = await connectNotifications(gochat, gochat.guest());
    const before = await connectNotifications(gochat, ana);
    await guest.receives("user.online", of(ana));
    await before.close();
    await using _after = await connectNotifications(gochat, ana);
    await guest.silent("user.offline", 3 * times.debounce, of(ana));
    await guest.silent("user.online", 0, of(ana));
  });

  test("is told of to who watches, and the last list counts", async () => {
    await using socket = await connectNotifications(gochat, bob);
    socket.send({ type: "presence.watch", userIds: [randomUUID(), bob.id] });
    socket.send({ type: "presence.watch", userIds: [ana.id] });
    await using _ana = await connectNotifications(gochat, ana);
    await socket.receives("user.online", of(ana));
    socket.send({ type: "presence.watch", userIds: [] });
    const kim = await gochat.person("kim");
    await using guest = await connectNotifications(gochat, gochat.guest());
    await using _kim = await connectNotifications(gochat, kim);
    await guest.receives("user.online", of(kim));
    await socket.silent("user.online", 0, of(kim));
  });

  test("is online all the same when the first announcement fails", async () => {
    await using guest = await connectNotifications(gochat, gochat.guest());
    failNext = "user.online";
    await using _ana = await connectNotifications(gochat, ana);
    await guest.receives("user.online", of(ana));
    expect(failNext).toBe("");
  });
});

test("whoever signs out is offline without waiting for a reconnection", async () => {
  await using patient = await startGoChat({
    services: [createNotificationsService({ presence: { ...times, debounce: 60_000 } })],
  });
  const kim = await patient.person("kim");
  const sessionId = JSON.parse(atob(kim.cookie.split(".")[1]!)).sid;
  await using guest = await connectNotifications(patient, patient.guest());
  await using socket = await connectNotifications(patient, kim);
  await guest.receives("user.online", of(kim));
  const at = new Date().toISOString();
  const tokensEndAt = new Date(Date.now() + 600_000).toISOString();
  await patient.broker.publish(sessionRevoked, [{ userId: kim.id, sessionId, at, tokensEndAt }]);
  expect((await socket.closed).code).toBe(4401);
  await guest.receives("user.offline", of(kim));
});

describe("after something went wrong", () => {
  test("a killed node's people are offline once their leases are over", async () => {
    await using guest = await connectNotifications(gochat, gochat.guest());
    const ghost = { id: randomUUID() };
    await gochat.cache.leases("presence").hold([{ owner: ghost.id, id: "killed:1" }], times.expiry);
    await guest.receives("user.online", of(ghost));
    const { lastSeenAt } = await guest.receives("user.offline", of(ghost));
    expect(untilNow(lastSeenAt)).toBeGreaterThan(0);
  });

  test("whom the table still says online after a crash is announced offline, after a time of grace", async () => {
    await using guest = await connectNotifications(gochat, gochat.guest());
    const ghost = { id: randomUUID() };
    const began = Date.now();
    await gochat
      .database("notifications")
      .query(
        "INSERT INTO presence (user_id, online, changed_at) VALUES ($1, true, now() - interval '1 hour')",
        [ghost.id],
      );
    await guest.receives("user.offline", of(ghost));
    expect(Date.now() - began).toBeGreaterThanOrEqual(times.grace);
  });

  test("an emptied cache shows nobody offline who is there", async () => {
    await using guest = await connectNotifications(gochat, gochat.guest());
    await using _ana = await connectNotifications(gochat, ana);
    await guest.receives("user.online", of(ana));
    const leases = gochat.cache.leases("presence");
    const owned = Array.from({ length: 100 }, (_, index) => ({
      owner: ana.id,
      id: `${gochat.nodeId}:${index}`,
    }));
    expect(await leases.release(owned)).toEqual([ana.id]);
    await guest.silent("user.offline", 3 * times.grace, of(ana));
    expect(await leases.held([ana.id])).toEqual([ana.id]);
  });

  test("a cache that does not answer makes nobody offline, neither meanwhile nor when it is back", async () => {
    await using guest = await connectNotifications(gochat, gochat.guest());
    await using _ana = await connectNotifications(gochat, ana);
    await guest.receives("user.online", of(ana));
    cacheIsDown = true;
    await using _bob = await connectNotifications(gochat, bob);
    expect((await bob.request("GET", "/api/notifications")).status).toBe(200);
    await guest.silent("user.offline", 2 * times.expiry, of(ana));
    cacheIsDown = false;
    await guest.receives("user.online", of(bob));
    await guest.silent("user.offline", 2 * times.grace, of(ana));
  });
});

test("once the broker is back, what changed shortly before is announced again", async () => {
  await using guest = await connectNotifications(gochat, gochat.guest());
  await using _ana = await connectNotifications(gochat, ana);
  const first = await guest.receives("user.online", of(ana));
  brokerIsBack();
  await vi.waitFor(() => expect(guest.frames.filter(of(ana))).toEqual([first, first]));
});

test("the directory hears again and again of everybody, however long ago that changed", async () => {
  await gochat
    .database("notifications")
    .query("INSERT INTO presence (user_id, online, changed_at) VALUES ($1, false, '2020-01-01T00:00:00Z')", [
      bob.id,
    ]);
  const listed: PresenceListed[] = [];
  await using _users = await gochat.broker.subscribe({
    service: "users",
    contract: presenceListed,
    handle: async (events) => void listed.push(...events.filter(({ userId }) => userId === bob.id)),
  });
  const said = { userId: bob.id, online: false, at: "2020-01-01T00:00:00.000Z" };
  await vi.waitFor(() => expect(listed.slice(0, 2)).toEqual([said, said]));
});

test("what is announced again is ahead of the next change", async () => {
  await using guest = await connectNotifications(gochat, gochat.guest());
  const kim = await gochat.person("kim");
  const socket = await connectNotifications(gochat, kim);
  await guest.receives("user.online", of(kim));
  const { promise, resolve } = Promise.withResolvers<void>();
  held = promise;
  brokerIsBack();
  await socket.close();
  await guest.silent("user.offline", 4 * times.debounce, of(kim));
  resolve();
  await guest.receives("user.offline", of(kim));
  expect(guest.frames.filter(of(kim)).map(({ type }) => type)).toEqual([
    "user.online",
    "user.online",
    "user.offline",
  ]);
});

test("the directory hears of everybody page by page, and then of the first again", async () => {
  const database = gochat.database("notifications");
  const heard: string[][] = [];
  const broker = {
    publish: async (_contract: unknown, events: readonly unknown[]) =>
      void heard.push((events as PresenceListed[]).map(({ userId }) => userId)),
  };
  const everybody = await database.query<{ user_id: string }>(
    "SELECT user_id FROM presence ORDER BY user_id",
  );
  const list = createPresenceRounds({ broker, database }, Math.floor(everybody.length / 2) + 1);
  for (let round = 0; round < 3; round++) await list(Date.now() + 60_000);
  expect(everybody.length).toBeGreaterThan(2);
  expect([...heard[0]!, ...heard[1]!]).toEqual(everybody.map(({ user_id }) => user_id));
  expect(heard[2]).toEqual(heard[0]);
});

test("the directory hears again and again what changed lately", async () => {
  const listed: PresenceListed[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  await using _users = await gochat.broker.subscribe({
    service: "users",
    contract: presenceListed,
    handle: async (events) => {
      listed.push(...events.filter(({ userId }) => userId === ana.id));
      if (listed.length > 1) resolve();
    },
  });
  await using _socket = await connectNotifications(gochat, ana);
  await promise;
  expect(listed[0]).toEqual({ userId: ana.id, online: true, at: expect.any(String) });
  expect(listed[1]).toEqual(listed[0]);
});
