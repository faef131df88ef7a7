import { randomUUID } from "node:crypto";
import { messageRead, messageStored } from "@gochat/contracts/events/message-events";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import type { Person } from "@gochat/testing/people";
import { connectNotifications } from "@gochat/testing/sockets";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { read, stored } from "./fixtures.ts";

let gochat: GoChat;
let ana: Person;
let bob: Person;

beforeAll(async () => {
  gochat = await startGoChat({ services: ["notifications"] });
});
afterAll(() => gochat[Symbol.asyncDispose]());
beforeEach(async () => {
  ana = await gochat.person("ana");
  bob = await gochat.person("bob");
});

/** Publishes in one envelope, or several, and waits until the service is done with them. */
async function announce(...events: ReturnType<typeof stored>[]): Promise<void> {
  await gochat.broker.publish(messageStored, events);
  await gochat.settle();
}

async function entriesOf(person: Person, query = "") {
  const { status, body } = await person.request("GET", `/api/notifications${query}`);
  expect(status).toBe(200);
  return body;
}

describe("an entry", () => {
  test("is one for each conversation: more messages raise it and replace its text", async () => {
    await using socket = await connectNotifications(gochat, bob);
    await announce(stored(1, ana, bob, "hello"));
    const first = await socket.receives("notification");
    expect(first.notification).toEqual({
      id: expect.any(String),
      type: "message",
      conversationId: stored(1, ana, bob).conversationId,
      actor: { id: ana.id, username: "ana" },
      preview: "hello",
      count: 1,
      seq: 1,
      createdAt: "2026-01-01T00:00:01.000Z",
      readAt: null,
    });
    await announce(stored(2, ana, bob, "are you\nthere?"));
    const second = await socket.receives("notification");
    expect(second.notification).toEqual({
      ...first.notification,
      preview: "are you there?",
      count: 2,
      seq: 2,
      createdAt: "2026-01-01T00:00:02.000Z",
    });
    expect(await entriesOf(bob)).toEqual({
      notifications: [second.notification],
      unreadCount: 1,
      nextCursor: null,
    });
    expect(await entriesOf(ana)).toEqual({ notifications: [], unreadCount: 0, nextCursor: null });
  });

  test("is announced once for a batch, whatever the order in it", async () => {
    await using socket = await connectNotifications(gochat, bob);
    await announce(stored(3, ana, bob), stored(1, ana, bob), stored(2, ana, bob));
    const { notification } = await socket.receives("notification");
    expect(notification).toMatchObject({ count: 3, seq: 3, preview: "text 3" });
    expect(socket.frames.filter(({ type }) => type === "notification")).toHaveLength(1);
  });

  test("counts right when messages come late, and keeps the newest text", async () => {
    await announce(stored(5, ana, bob));
    await announce(stored(2, ana, bob));
    expect((await entriesOf(bob)).notifications).toMatchObject([{ count: 2, seq: 5, preview: "text 5" }]);
  });

  test("changes nothing and tells nobody when the same message comes again", async () => {
    await using socket = await connectNotifications(gochat, bob);
    await announce(stored(1, ana, bob), stored(2, ana, bob));
    await socket.receives("notification");
    const before = await entriesOf(bob);
    await announce(stored(2, ana, bob), stored(1, ana, bob));
    await announce(stored(1, ana, bob));
    expect(await entriesOf(bob)).toEqual(before);
    await socket.silent("notification", 50);
  });
});

describe("reading the conversation", () => {
  test("marks the entry read on every device, and a later message starts again at one", async () => {
    await using laptop = await connectNotifications(gochat, bob);
    await using phone = await connectNotifications(gochat, bob);
    await using other = await connectNotifications(gochat, ana);
    await announce(stored(1, ana, bob), stored(2, ana, bob));
    const { notification: unread } = await laptop.receives("notification");
    await gochat.broker.publish(messageRead, [read(2, bob, ana)]);
    for (const socket of [laptop, phone]) {
      expect(await socket.receives("notification.read")).toEqual({
        type: "notification.read",
        conversationId: unread.conversationId,
        readSeq: 2,
      });
    }
    const kept = await entriesOf(bob);
    expect(kept).toMatchObject({ unreadCount: 0, notifications: [{ id: unread.id, count: 0 }] });
    expect(Date.parse(kept.notifications[0].readAt)).toBeGreaterThan(0);
    expect((await entriesOf(bob, "?unread=true")).notifications).toEqual([]);

    await announce(stored(3, ana, bob));
    const again = await laptop.receives("notification");
    expect(again.notification).toMatchObject({ id: unread.id, count: 1, seq: 3, readAt: null });
    await other.silent("notification.read", 50);
  });

  test("in part leaves the rest unread", async () => {
    await announce(stored(1, ana, bob), stored(2, ana, bob), stored(3, ana, bob));
    await gochat.broker.publish(messageRead, [read(2, bob, ana)]);
    await gochat.settle();
    expect(await entriesOf(bob)).toMatchObject({
      unreadCount: 1,
      notifications: [{ count: 1, readAt: null }],
    });
  });

  test("before its message is heard of counts nothing when that comes", async () => {
    await using socket = await connectNotifications(gochat, bob);
    await gochat.broker.publish(messageRead, [read(2, bob, ana)]);
    await gochat.settle();
    await announce(stored(1, ana, bob), stored(2, ana, bob));
    expect(await entriesOf(bob)).toEqual({ notifications: [], unreadCount: 0, nextCursor: null });
    await socket.silent("notification", 50);
  });

  test("never moves back, and a second time tells nobody", async () => {
    await using socket = await connectNotifications(gochat, bob);
    await announce(stored(1, ana, bob), stored(2, ana, bob));
    await gochat.broker.publish(messageRead, [read(2, bob, ana), read(1, bob, ana)]);
    await socket.receives("notification.read");
    await gochat.broker.publish(messageRead, [read(1, bob, ana), read(2, bob, ana)]);
    await gochat.settle();
    await socket.silent("notification.read", 50);
    expect((await entriesOf(bob)).unreadCount).toBe(0);
  });

  test("is what sending an answer does", async () => {
    await using socket = await connectNotifications(gochat, bob);
    await announce(stored(1, ana, bob));
    await announce(stored(2, bob, ana));
    expect(await socket.receives("notification.read")).toMatchObject({ readSeq: 2 });
    expect((await entriesOf(bob)).unreadCount).toBe(0);
    expect((await entriesOf(ana)).notifications).toMatchObject([{ count: 1, seq: 2 }]);
  });
});

describe("marking by hand", () => {
  const markRead = (person: Person, body: object) =>
    person.request("POST", "/api/notifications/read", body).then(({ status }) => status);

  test("reads the entry and says so with its position; the replay of a message does not bring it back", async () => {
    await using socket = await connectNotifications(gochat, bob);
    await announce(stored(1, ana, bob), stored(2, ana, bob));
    const { notification } = await socket.receives("notification");
    expect(await markRead(bob, { ids: [notification.id] })).toBe(204);
    expect(await socket.receives("notification.read")).toMatchObject({ readSeq: 2 });
    await announce(stored(2, ana, bob));
    expect(await entriesOf(bob)).toMatchObject({ unreadCount: 0, notifications: [{ count: 0 }] });
    await socket.silent("notification", 50);
    await announce(stored(3, ana, bob));
    expect(await entriesOf(bob)).toMatchObject({
      unreadCount: 1,
      notifications: [{ id: notification.id, count: 1, seq: 3 }],
    });
  });

  test("takes a list of none, and of a thousand; what is neither ids nor all gets one clear sentence", async () => {
    await announce(stored(1, ana, bob));
    expect(await markRead(bob, { ids: [] })).toBe(204);
    expect(await markRead(bob, { ids: Array.from({ length: 1_000 }, () => randomUUID()) })).toBe(204);
    expect((await entriesOf(bob)).unreadCount).toBe(1);
    const { status, body } = await bob.request("POST", "/api/notifications/read", {});
    expect([status, body.errors]).toEqual([
      400,
      [
        {
          path: "",
          message: "must have either `ids`, up to 1,000 of them, or `all`, which is true",
        },
      ],
    ]);
  });

  test("does nothing to the entries of others, nor for ids that nobody has", async () => {
    await announce(stored(1, ana, bob));
    const [entry] = (await entriesOf(bob)).notifications;
    expect(await markRead(ana, { ids: [entry.id, randomUUID()] })).toBe(204);
    expect((await entriesOf(bob)).notifications).toEqual([entry]);
  });

  test("reads all at once", async () => {
    await using socket = await connectNotifications(gochat, bob);
    const kim = await gochat.person("kim");
    await announce(stored(1, ana, bob), stored(1, kim, bob));
    expect(await markRead(bob, { all: true })).toBe(204);
    await socket.receives("notification.read");
    await socket.receives("notification.read");
    expect((await entriesOf(bob)).unreadCount).toBe(0);
  });

  test.each([{}, { ids: ["x"] }, { all: false }, { all: true, ids: [randomUUID()] }])(
    "refuses %j",
    async (body) => {
      expect(await markRead(bob, body)).toBe(400);
    },
  );
});

describe("the list", () => {
  test("comes in pages, the newest first, each entry once", async () => {
    const senders = await Promise.all(Array.from({ length: 7 }, (_, index) => gochat.person(`kim${index}`)));
    // Two of them in the same millisecond: the id decides.
    await announce(
      ...senders.map((sender, index) => stored(index === 6 ? 5 : index, sender, bob)).slice(1),
      stored(9, senders[0]!, bob),
    );
    const seen: { seq: number; id: string }[] = [];
    let cursor = "";
    for (let page = 0; page < 4; page++) {
      const body = await entriesOf(bob, `?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.notifications);
      expect(body.unreadCount).toBe(7);
      cursor = body.nextCursor;
      if (cursor === null) break;
    }
    expect(cursor).toBeNull();
    expect(seen.map(({ seq }) => seq)).toEqual([9, 5, 5, 4, 3, 2, 1]);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(7);
  });

  test.each(["?limit=0", "?limit=101", "?limit=x", "?unread=yes", "?cursor=x", "?cursor=", "?page=2"])(
    "refuses %s",
    async (query) => {
      const { status, body } = await bob.request("GET", `/api/notifications${query}`);
      expect([status, body.code]).toEqual([400, "INVALID_INPUT"]);
    },
  );

  test("is not for guests", async () => {
    const { status, body } = await gochat.guest().request("GET", "/api/notifications");
    expect([status, body.code]).toEqual([401, "UNAUTHENTICATED"]);
  });
});
