import {
  messageRead,
  messageStored,
  type StandingsAnswered,
  standingsAnswered,
} from "@gochat/contracts/events/message-events";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import type { Person } from "@gochat/testing/people";
import { connectNotifications } from "@gochat/testing/sockets";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createNotificationsService } from "../src/index.ts";
import { brokerThat, read, stored, withContext } from "./fixtures.ts";

let failNext = "";
let gochat: GoChat;
let ana: Person;
let bob: Person;

beforeAll(async () => {
  const service = withContext(createNotificationsService(), ({ broker }) => ({
    broker: brokerThat(broker, (name) => {
      if (name !== failNext) return;
      failNext = "";
      throw new Error("the process ended before it could announce");
    }),
  }));
  gochat = await startGoChat({ services: [service], settings: { logLevel: "silent" } });
});
afterAll(() => gochat[Symbol.asyncDispose]());
beforeEach(async () => {
  ana = await gochat.person("ana");
  bob = await gochat.person("bob");
});

async function announce(...events: ReturnType<typeof stored>[]): Promise<void> {
  await gochat.broker.publish(messageStored, events);
  await gochat.settle();
}

async function announceRead(...events: ReturnType<typeof read>[]): Promise<void> {
  await gochat.broker.publish(messageRead, events);
  await gochat.settle();
}

async function entriesOf(person: Person) {
  const { body } = await person.request("GET", "/api/notifications");
  return body;
}

const lastLetter = () => gochat.broker.deadLetters("notifications").at(-1)?.events;

describe("a stored message", () => {
  test("keeps its neighbours when one event is poisoned", async () => {
    const poisoned = stored(3, ana, bob);
    const message = { ...poisoned.message, createdAt: "2026-99-99T99:99:99.999Z" };
    await announce(stored(1, ana, bob), { ...poisoned, message }, stored(2, ana, bob));
    expect((await entriesOf(bob)).notifications).toMatchObject([{ count: 2, seq: 2 }]);
    expect(lastLetter()).toEqual([{ ...poisoned, message }]);
  });

  test("is counted once and still announced after a crash between writing and acknowledging", async () => {
    await using socket = await connectNotifications(gochat, bob);
    failNext = "notification.raised";
    await announce(stored(1, ana, bob));
    const { notification } = await socket.receives("notification");
    expect(failNext).toBe("");
    expect(notification).toMatchObject({ count: 1, seq: 1 });
    expect((await entriesOf(bob)).notifications).toEqual([notification]);
  });
});

describe("a read position", () => {
  test("that cannot be kept is put aside; its neighbours are read", async () => {
    const kim = await gochat.person("kim");
    await announce(stored(1, ana, bob), stored(1, kim, bob));
    await gochat
      .database("notifications")
      .query("ALTER TABLE entries ADD CONSTRAINT poison CHECK (read_seq <> 4)");
    const poisoned = read(4, kim, bob);
    await announceRead(read(1, bob, ana), poisoned, read(1, bob, kim));
    expect((await entriesOf(bob)).unreadCount).toBe(0);
    expect(lastLetter()).toEqual([poisoned]);
  });

  test("is announced after a crash between writing and acknowledging", async () => {
    await using socket = await connectNotifications(gochat, bob);
    await announce(stored(1, ana, bob));
    failNext = "notification.read";
    await announceRead(read(1, bob, ana));
    expect(await socket.receives("notification.read")).toMatchObject({ readSeq: 1 });
    expect(failNext).toBe("");
    await announce(stored(2, ana, bob));
    failNext = "notification.read";
    await announce(stored(3, bob, ana));
    expect(await socket.receives("notification.read")).toMatchObject({ readSeq: 3 });
    expect(failNext).toBe("");
    expect((await entriesOf(bob)).unreadCount).toBe(0);
  });
});

describe("how a conversation stands", () => {
  const until = "2026-01-01T00:00:00.000Z";
  const standing = (headSeq: number, from: Person, to: Person) => {
    const { conversationId, message } = stored(headSeq, from, to);
    const members = [
      { userId: from.id, readSeq: headSeq },
      { userId: to.id, readSeq: 1 },
    ];
    const { body: text, createdAt } = message;
    return {
      conversationId,
      headSeq,
      members,
      senderId: from.id,
      senderUsername: from.username,
      text,
      createdAt,
    };
  };
  async function answer(...answers: StandingsAnswered[]): Promise<void> {
    await gochat.broker.publish(standingsAnswered, answers);
    await gochat.settle();
  }

  test("changes nothing when it comes again, nor when the messages themselves come late", async () => {
    const standings = [standing(3, ana, bob)];
    await answer({ until, standings });
    const { notifications } = await entriesOf(bob);
    expect(notifications).toMatchObject([{ count: 2, seq: 3, preview: "text 3" }]);
    await answer({ until, standings }, { until, standings });
    await announce(stored(2, ana, bob), stored(3, ana, bob), stored(1, ana, bob));
    expect((await entriesOf(bob)).notifications).toEqual(notifications);
  });

  test("that cannot be kept is put aside; its neighbours are kept", async () => {
    const kim = await gochat.person("kim");
    const bad = { until, standings: [{ ...standing(2, kim, bob), createdAt: "2026-99-99T99:99:99.999Z" }] };
    await answer({ until, standings: [standing(2, ana, bob)] }, bad, {
      until,
      standings: [standing(3, bob, kim)],
    });
    expect((await entriesOf(bob)).notifications).toMatchObject([{ count: 1, actor: { id: ana.id } }]);
    expect((await entriesOf(kim)).notifications).toMatchObject([{ count: 2 }]);
    expect(lastLetter()).toEqual([bad]);
  });

  test("is announced after a crash between writing and acknowledging", async () => {
    await using socket = await connectNotifications(gochat, bob);
    failNext = "notification.raised";
    await answer({ until, standings: [standing(2, ana, bob)] });
    expect(await socket.receives("notification")).toMatchObject({ notification: { count: 1, seq: 2 } });
    expect(failNext).toBe("");
  });
});
