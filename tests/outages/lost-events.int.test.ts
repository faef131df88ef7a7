import { createNotificationsService } from "@gochat/notifications/index";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import type { Person } from "@gochat/testing/people";
import { connectChat, connectNotifications } from "@gochat/testing/sockets";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually, read, say } from "../talk.ts";
import { losing } from "./losing.ts";

/** Events of these names are lost on their way to the service, as from a queue that is purged, deleted or unbound. */
const lost = new Set<string>();
let gochat: GoChat;
let ana: Person;
let bob: Person;

beforeAll(async () => {
  const notifications = createNotificationsService({ catchUpEveryMs: 200 });
  gochat = await startGoChat({
    services: ["auth", "messages", "chat", losing(notifications, ({ name }) => lost.has(name))],
  });
});
afterAll(() => gochat[Symbol.asyncDispose]());
beforeEach(async () => {
  lost.clear();
  [ana, bob] = [await gochat.signUp("ana"), await gochat.signUp("bob")];
});

const entriesOf = (person: Person) => read(person, "/api/notifications");

test("messages whose events were lost are counted, without a new one being sent", async () => {
  await using chat = await connectChat(gochat, ana);
  await using bell = await connectNotifications(gochat, bob);
  await say(chat, bob, "heard");
  await bell.receives("notification");
  lost.add("message.stored");
  for (const body of ["lost", "lost too", "the last one"]) await say(chat, bob, body);
  await bell.receives("notification", ({ notification }) => notification.count === 4);
  expect(await entriesOf(bob)).toMatchObject({
    unreadCount: 1,
    notifications: [
      { actor: { id: ana.id, username: ana.username }, count: 4, seq: 4, preview: "the last one" },
    ],
  });
  expect((await entriesOf(ana)).notifications).toEqual([]);
});

test("what was read while the event was lost is read, and what was marked by hand stays so", async () => {
  await using anaChat = await connectChat(gochat, ana);
  await using bobChat = await connectChat(gochat, bob);
  await using bell = await connectNotifications(gochat, bob);
  const { conversationId } = await say(anaChat, bob, "hello");
  await bell.receives("notification");
  lost.add("message.read");
  bobChat.send({ type: "message.read", conversationId, seq: 1 });
  expect(await bell.receives("notification.read")).toMatchObject({ conversationId, readSeq: 1 });
  expect((await entriesOf(bob)).unreadCount).toBe(0);

  await say(anaChat, bob, "again");
  await bell.receives("notification", ({ notification }) => notification.seq === 2);
  await bob.request("POST", "/api/notifications/read", { all: true });
  lost.add("message.stored");
  await say(anaChat, bob, "and again");
  await bell.receives("notification", ({ notification }) => notification.seq === 3);
  expect((await entriesOf(bob)).notifications).toMatchObject([{ count: 1, seq: 3 }]);
});

test("entries that are gone altogether are made again", async () => {
  await using chat = await connectChat(gochat, ana);
  await say(chat, bob, "one");
  await say(chat, bob, "two");
  await gochat.settle();
  await gochat.database("notifications").query("DELETE FROM entries");
  await gochat.database("notifications").query("DELETE FROM caught_up");
  await eventually(async () => {
    const { unreadCount, notifications } = await entriesOf(bob);
    expect(unreadCount).toBe(1);
    expect(notifications).toMatchObject([{ count: 2, seq: 2, preview: "two" }]);
  });
});
