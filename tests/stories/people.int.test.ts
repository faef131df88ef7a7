import { randomUUID } from "node:crypto";
import type { Person } from "@gochat/testing/people";
import { connectChat, connectNotifications, type Frame } from "@gochat/testing/sockets";
import { type GoChat, startGoChat } from "@gochat/testing/whole-gochat";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, read, say } from "../talk.ts";

let gochat: GoChat;

beforeAll(async () => {
  gochat = await startGoChat();
});
afterAll(() => gochat[Symbol.asyncDispose]());

const of = (person: Person) => (frame: Frame) => frame.userId === person.id;
const inDirectory = async (person: Person) => (await read(gochat.guest(), `/api/users/${person.id}`)).user;

describe("people online", () => {
  test("are seen by guests and by everyone, in the directory too, and for no longer than they are", async () => {
    await using guest = await connectNotifications(gochat, gochat.guest());
    const ana = await gochat.signUp("ana");
    const { user } = await guest.receives("user.registered", (frame) => frame.user.id === ana.id);
    expect(user).toEqual({ id: ana.id, username: ana.username, status: "offline", lastSeenAt: null });
    await eventually(async () => expect(await inDirectory(ana)).toEqual(user));

    // The chat socket alone makes nobody online.
    await using _chat = await connectChat(gochat, ana);
    await guest.silent("user.online", 200, of(ana));
    const bell = await connectNotifications(gochat, ana);
    await guest.receives("user.online", of(ana));
    await eventually(async () => expect((await inDirectory(ana)).status).toBe("online"));
    const { users } = await read(gochat.guest(), "/api/users?limit=1");
    expect(users).toMatchObject([{ id: ana.id, status: "online" }]);

    await bell.close();
    const { lastSeenAt } = await guest.receives("user.offline", of(ana), 40_000);
    await eventually(async () =>
      expect(await inDirectory(ana)).toEqual({ ...user, status: "offline", lastSeenAt }),
    );
  }, 60_000);

  test("who sign out are offline at once", async () => {
    await using guest = await connectNotifications(gochat, gochat.guest());
    const ana = await gochat.signUp("ana");
    await using _bell = await connectNotifications(gochat, ana);
    await guest.receives("user.online", of(ana));
    await ana.request("POST", "/api/auth/signout");
    await guest.receives("user.offline", of(ana), 3000);
  });
});

describe("the directory", () => {
  test("is sorted, searched by prefix and paged, each person once", async () => {
    const names = ["zed", "zoe", "zac"];
    for (const name of names) await gochat.signUp(name);
    const list = (query: string) => read(gochat.guest(), `/api/users?${query}`);
    const namesOf = ({ users }: { users: { username: string }[] }) => users.map(({ username }) => username);
    await eventually(async () => expect(namesOf(await list("q=z"))).toHaveLength(3));
    expect(namesOf(await list("q=z&sort=username"))).toEqual(["zac", "zed", "zoe"]);
    expect(namesOf(await list("q=Z&sort=username&direction=desc"))).toEqual(["zoe", "zed", "zac"]);
    const first = await list("q=z&sort=username&limit=2");
    const second = await list(`q=z&sort=username&limit=2&cursor=${first.nextCursor}`);
    expect([namesOf(first), namesOf(second), second.nextCursor]).toEqual([["zac", "zed"], ["zoe"], null]);
  });

  test("does not know who is not there", async () => {
    const { status, body } = await gochat.guest().request("GET", `/api/users/${randomUUID()}`);
    expect([status, body.code]).toEqual([404, "NOT_FOUND"]);
  });

  test("is closed to guests where the setting says so", async () => {
    await using closed = await startGoChat({ settings: { guestDirectory: false } });
    const ana = await closed.signUp("ana");
    for (const path of ["/api/users", `/api/users/${ana.id}`]) {
      expect((await closed.guest().request("GET", path)).status).toBe(401);
      expect((await ana.request("GET", path)).status).toBe(200);
    }
  });
});

describe("a notification", () => {
  test("follows the conversation: raised by messages, read with it, on every device", async () => {
    const [ana, bob] = [await gochat.signUp("ana"), await gochat.signUp("bob")];
    await using anas = await connectChat(gochat, ana);
    await using bobs = await connectChat(gochat, bob);
    await using laptop = await connectNotifications(gochat, bob);
    await using phone = await connectNotifications(gochat, bob);
    await using own = await connectNotifications(gochat, ana);
    const { conversationId } = await say(anas, bob, "are you\nthere?");
    const { notification } = await laptop.receives("notification");
    expect(notification).toMatchObject({
      type: "message",
      conversationId,
      actor: { id: ana.id, username: ana.username },
      preview: "are you there?",
      count: 1,
      seq: 1,
      readAt: null,
    });
    expect((await phone.receives("notification")).notification).toEqual(notification);
    await say(anas, bob, "hello?");
    await phone.receives("notification", (frame) => frame.notification.count === 2);

    bobs.send({ type: "message.read", conversationId, seq: 2 });
    for (const socket of [laptop, phone]) {
      expect(await socket.receives("notification.read")).toMatchObject({ conversationId, readSeq: 2 });
    }
    expect((await read(bob, "/api/notifications")).unreadCount).toBe(0);

    await say(anas, bob, "once more");
    const again = await laptop.receives("notification", (frame) => frame.notification.seq === 3);
    expect(again.notification).toMatchObject({ id: notification.id, count: 1, readAt: null });
    await own.silent("notification", 0);
  });

  test("marked by hand is read, and the conversation is not", async () => {
    const [ana, bob] = [await gochat.signUp("ana"), await gochat.signUp("bob")];
    await using anas = await connectChat(gochat, ana);
    await using bell = await connectNotifications(gochat, bob);
    const { conversationId } = await say(anas, bob, "hello");
    const { notification } = await bell.receives("notification");
    const ids = [notification.id, randomUUID()];
    expect((await bob.request("POST", "/api/notifications/read", { ids })).status).toBe(204);
    expect(await bell.receives("notification.read")).toMatchObject({ conversationId, readSeq: 1 });
    expect((await read(bob, "/api/notifications?unread=true")).notifications).toEqual([]);
    expect((await read(bob, `/api/conversations/${conversationId}`)).conversation.unreadCount).toBe(1);
  });
});
