import { randomUUID } from "node:crypto";
import {
  presenceListed,
  userListed,
  userLoggedIn,
  userOffline,
  userOnline,
  userRegistered,
  userSignedOut,
} from "@gochat/contracts/events/user-events";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import { afterAll, beforeAll, expect, test } from "vitest";

let gochat: GoChat;
beforeAll(async () => {
  gochat = await startGoChat({ services: ["users"], settings: { logLevel: "silent" } });
});
afterAll(() => gochat[Symbol.asyncDispose]());

const at = "2030-01-01T00:01:00.000Z";
const later = "2030-01-01T00:02:00.000Z";

async function rowOf(id: string) {
  const [row] = await gochat.database("users").query("SELECT * FROM people WHERE id = $1", [id]);
  return row;
}

/** The same event, as after a crash between the write and the acknowledgement. */
test("every event twice changes nothing the second time", async () => {
  const userId = randomUUID();
  const sessionId = randomUUID();
  const publishAll = async () => {
    await gochat.broker.publish(userRegistered, [{ userId, username: "twice", at }]);
    await gochat.broker.publish(userOnline, [{ userId, at }]);
    await gochat.broker.publish(userOffline, [{ userId, lastSeenAt: later }]);
    await gochat.broker.publish(userLoggedIn, [{ userId, sessionId, at }]);
    await gochat.broker.publish(userSignedOut, [{ userId, sessionId, at: later }]);
    await gochat.settle();
  };
  await publishAll();
  const once = await rowOf(userId);
  expect(once).toMatchObject({
    username: "twice",
    online: false,
    last_seen_at: new Date(later),
    signed_in_at: new Date(at),
    signed_out_at: new Date(later),
  });
  await publishAll();
  expect(await rowOf(userId)).toEqual(once);
});

test("an event that the database refuses is put aside, its neighbours count", async () => {
  const [ana, bob, cleo] = [randomUUID(), randomUUID(), randomUUID()];
  // It fits the pattern of a time, and is none.
  const poison = "2030-99-99T99:99:99.999Z";
  await gochat.broker.publish(userOnline, [
    { userId: ana, at },
    { userId: bob, at: poison },
    { userId: cleo, at },
    { userId: ana, at: poison },
  ]);
  await gochat.settle();
  expect(await rowOf(ana)).toMatchObject({ online: true, presence_at: new Date(at) });
  expect(await rowOf(cleo)).toMatchObject({ online: true });
  expect(await rowOf(bob)).toBeUndefined();
  const kept = gochat.broker.deadLetters("users").flatMap(({ events }) => events);
  expect(kept).toEqual([
    { userId: bob, at: poison },
    { userId: ana, at: poison },
  ]);

  await gochat.broker.publish(userOnline, [{ userId: bob, at }]);
  await gochat.settle();
  expect(await rowOf(bob)).toMatchObject({ online: true });
});

test("a batch that was written but not marked is marked when it comes again", async () => {
  const userId = randomUUID();
  await gochat.broker.publish(userRegistered, [{ userId, username: "marked", at }]);
  await gochat.settle();
  const list = async () => (await gochat.guest().request("GET", "/api/users?q=marked")).body.users[0];
  expect((await list()).status).toBe("offline");
  const increment = gochat.cache.increment.bind(gochat.cache);
  let failures = 1;
  gochat.cache.increment = async (key) => {
    if (failures-- > 0) throw new Error("the process dies here");
    return increment(key);
  };
  await gochat.broker.publish(userOnline, [{ userId, at }]);
  await gochat.settle();
  gochat.cache.increment = increment;
  expect((await list()).status).toBe("online");
});

test("whoever was missed is there when listed, and an older state changes nothing", async () => {
  const userId = randomUUID();
  await gochat.broker.publish(presenceListed, [{ userId, online: true, at: later }]);
  await gochat.broker.publish(userListed, [{ userId, username: "missed", at }]);
  await gochat.settle();
  const person = async () => (await gochat.guest().request("GET", `/api/users/${userId}`)).body.user;
  expect(await person()).toMatchObject({ username: "missed", status: "online", lastSeenAt: later });
  await gochat.broker.publish(presenceListed, [{ userId, online: false, at }]);
  await gochat.settle();
  expect((await person()).status).toBe("online");
});
