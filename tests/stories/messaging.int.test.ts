import { randomUUID } from "node:crypto";
import type { Person } from "@gochat/testing/people";
import { connectChat, connectNotifications, type Frame, type TestSocket } from "@gochat/testing/sockets";
import { type GoChat, startGoChat } from "@gochat/testing/whole-gochat";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually, hears, read, say } from "../talk.ts";

let gochat: GoChat;
let ana: Person;
let bob: Person;
let anas: TestSocket;
let bobs: TestSocket;

beforeAll(async () => {
  gochat = await startGoChat();
});
afterAll(() => gochat[Symbol.asyncDispose]());
beforeEach(async () => {
  [ana, bob] = [await gochat.signUp("ana"), await gochat.signUp("bob")];
  [anas, bobs] = [await connectChat(gochat, ana), await connectChat(gochat, bob)];
});
afterEach(async () => {
  await Promise.all([anas.close(), bobs.close()]);
});

test("the socket begins with who it is for and what it allows", async () => {
  expect(anas.frames[0]).toEqual({
    type: "ready",
    userId: ana.id,
    sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    serverTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    limits: {
      maxFrameBytes: 65_536,
      maxBodyCharacters: 4000,
      maxUnacknowledged: 32,
      messagesPerSecond: 20,
      burst: 40,
    },
  });
});

test("before a planned stop clients are told when to come back", async () => {
  const other = await startGoChat();
  const kim = await other.signUp("kim");
  const sockets = [
    await connectChat(other, kim),
    await connectNotifications(other, kim),
    await connectNotifications(other, other.guest()),
  ];
  const stopping = other[Symbol.asyncDispose]();
  for (const socket of sockets) {
    const { afterMs } = await socket.receives("reconnect");
    expect(afterMs).toBeGreaterThanOrEqual(0);
    expect((await socket.closed).code).toBe(1001);
  }
  await stopping;
});

describe("a message", () => {
  test("reaches every socket of both people, as it stands in the history", async () => {
    await using phone = await connectChat(gochat, ana);
    const id = randomUUID();
    const acknowledged = await say(anas, bob, "  hello\n", id);
    expect(acknowledged).toEqual({
      type: "message.stored",
      conversationId: expect.any(String),
      seq: 1,
      message: {
        conversationId: acknowledged.conversationId,
        seq: 1,
        id,
        senderId: ana.id,
        body: "hello",
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        digest: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
      },
    });
    expect(await hears(phone, id)).toEqual(acknowledged);
    expect(await hears(bobs, id)).toEqual(acknowledged);
    const { messages } = await read(bob, `/api/conversations/${acknowledged.conversationId}/messages`);
    expect(messages).toEqual([acknowledged.message]);
  });

  test("opens the one conversation of the two, whoever asks and however", async () => {
    const { conversationId } = await say(anas, bob, "hello");
    for (const [person, other] of [
      [ana, bob],
      [bob, ana],
    ] as const) {
      const { body } = await person.request("POST", "/api/conversations", { userId: other.id });
      expect(body.conversation).toMatchObject({ id: conversationId, kind: "direct", headSeq: 1 });
    }
    const id = randomUUID();
    bobs.send({ type: "message.send", id, conversationId, body: "hello to you" });
    expect(await hears(anas, id)).toMatchObject({ conversationId, seq: 2 });
  });

  test("sent again has the same position, and is stored once", async () => {
    const id = randomUUID();
    const first = await say(anas, bob, "once", id);
    await say(anas, bob, "between");
    await using other = await connectChat(gochat, ana);
    for (const socket of [anas, other]) expect(await say(socket, bob, " once ", id)).toEqual(first);
    const { messages } = await read(ana, `/api/conversations/${first.conversationId}/messages`);
    expect(messages.map(({ body }: { body: string }) => body)).toEqual(["once", "between"]);
  });

  test("of another text with the same id is rejected", async () => {
    const id = randomUUID();
    await say(anas, bob, "one thing", id);
    anas.send({ type: "message.send", id, to: bob.id, body: "another thing" });
    expect(await anas.receives("message.rejected")).toMatchObject({ id, code: "CLIENT_ID_REUSED" });
  });

  test("may answer another", async () => {
    const first = await say(anas, bob, "shall we?");
    const id = randomUUID();
    bobs.send({ type: "message.send", id, to: ana.id, body: "we shall", replyTo: first.message.id });
    expect((await hears(anas, id)).message).toMatchObject({ replyTo: first.message.id });
  });
});

describe("order", () => {
  test("is one for both people: dense, and each device's own as it was sent", async () => {
    await using phone = await connectChat(gochat, ana);
    const devices = [anas, phone, bobs];
    const sent = devices.map((_device, index) => Array.from({ length: 30 }, (_, at) => `${index} ${at}`));
    for (let at = 0; at < 30; at++) {
      for (const [index, device] of devices.entries()) {
        const to = device === bobs ? ana.id : bob.id;
        device.send({ type: "message.send", id: randomUUID(), to, body: sent[index]![at] });
      }
    }
    for (const device of devices) await device.receives("message.stored", ({ seq }) => seq === 90);
    const heard = (socket: TestSocket) => socket.frames.filter(({ type }) => type === "message.stored");
    const positions = heard(anas).map(({ seq }) => seq);
    expect(positions).toEqual(Array.from({ length: 90 }, (_, index) => index + 1));
    expect(heard(phone)).toEqual(heard(anas));
    expect(heard(bobs)).toEqual(heard(anas));
    for (const [index, own] of sent.entries()) {
      const bodies = heard(bobs).map(({ message }) => message.body as string);
      expect(bodies.filter((body) => body.startsWith(`${index} `))).toEqual(own);
    }
    const { conversationId } = heard(anas)[0]!;
    const { messages } = await read(bob, `/api/conversations/${conversationId}/messages?limit=100`);
    expect(messages).toEqual(heard(anas).map(({ message }) => message));
  });
});

describe("read positions", () => {
  const position = (person: Person) => (frame: Frame) => frame.userId === person.id;

  test("go to all sockets of both, never back and never past the head", async () => {
    await using phone = await connectChat(gochat, bob);
    const { conversationId } = await say(anas, bob, "one");
    await say(anas, bob, "two");
    await say(anas, bob, "three");
    const told = async (readSeq: number) => {
      const frame = { type: "message.read", conversationId, userId: bob.id, readSeq };
      for (const socket of [anas, bobs, phone]) {
        expect(await socket.receives("message.read", position(bob))).toEqual(frame);
      }
    };
    bobs.send({ type: "message.read", conversationId, seq: 2 });
    await told(2);
    bobs.send({ type: "message.read", conversationId, seq: 1 });
    bobs.send({ type: "message.read", conversationId, seq: 999 });
    await told(3);
    const { conversation } = await read(ana, `/api/conversations/${conversationId}`);
    expect(conversation.members).toContainEqual({ userId: bob.id, username: bob.username, readSeq: 3 });
  });

  test("of the sender are where the own message is, and unread counts what others wrote", async () => {
    const { conversationId } = await say(anas, bob, "one");
    await say(anas, bob, "two");
    const unread = async (person: Person) =>
      (await read(person, `/api/conversations/${conversationId}`)).conversation.unreadCount;
    expect([await unread(ana), await unread(bob)]).toEqual([0, 2]);
    await say(bobs, ana, "three");
    expect([await unread(ana), await unread(bob)]).toEqual([1, 0]);
  });
});

test("typing is passed on to the other, at most once in three seconds", async () => {
  const { conversationId } = await say(anas, bob, "hello");
  for (let stroke = 0; stroke < 5; stroke++) anas.send({ type: "typing", conversationId });
  expect(await bobs.receives("typing")).toEqual({ type: "typing", conversationId, userId: ana.id });
  await bobs.silent("typing", 500);
  await anas.silent("typing", 0);
});

describe("the list of conversations", () => {
  test("is the most recently active first, in pages, with the last message", async () => {
    const others = [
      await gochat.signUp("kim"),
      await gochat.signUp("lea"),
      await gochat.signUp("mia"),
    ] as const;
    const empty = await ana.request("POST", "/api/conversations", { userId: others[2].id });
    expect(empty.body.conversation).toMatchObject({ headSeq: 0, lastMessage: null, unreadCount: 0 });
    for (const other of [bob, others[0], others[1], bob]) await say(anas, other, `hello ${other.username}`);
    const all = await read(ana, "/api/conversations");
    const partner = ({ members }: { members: { userId: string; username: string }[] }) =>
      members.find(({ userId }) => userId !== ana.id)?.username;
    expect(all.conversations.map(partner)).toEqual(
      [bob, others[1], others[0], others[2]].map((p) => p.username),
    );
    expect(all.conversations[0]).toMatchObject({ headSeq: 2, lastMessage: { seq: 2, senderId: ana.id } });
    expect(all.nextCursor).toBeNull();
    const first = await read(ana, "/api/conversations?limit=3");
    const second = await read(ana, `/api/conversations?limit=3&cursor=${first.nextCursor}`);
    expect([...first.conversations, ...second.conversations]).toEqual(all.conversations);
    expect(second.nextCursor).toBeNull();
  });

  test("with oneself or with nobody is refused", async () => {
    const self = await ana.request("POST", "/api/conversations", { userId: ana.id });
    expect([self.status, self.body.code]).toEqual([400, "INVALID_INPUT"]);
    const nobody = await ana.request("POST", "/api/conversations", { userId: randomUUID() });
    expect([nobody.status, nobody.body.code]).toEqual([404, "NOT_FOUND"]);
  });
});

describe("somebody who was away", () => {
  test("is told on resume where each conversation stands, and catches up without holes", async () => {
    const { conversationId } = await say(anas, bob, "seen");
    await bobs.close();
    const kim = await gochat.signUp("kim");
    await using kims = await connectChat(gochat, kim);
    const { conversationId: unknown } = await say(kims, bob, "you do not know me");
    for (const body of ["missed", "missed too"]) await say(anas, bob, body);

    bobs = await connectChat(gochat, bob);
    bobs.send({ type: "resume", heads: { [conversationId]: 1, [randomUUID()]: 4 } });
    const heads = [await bobs.receives("head"), await bobs.receives("head")];
    expect(heads).toContainEqual({ type: "head", conversationId, headSeq: 3 });
    expect(heads).toContainEqual({ type: "head", conversationId: unknown, headSeq: 1 });
    const { changes, headSeq } = await read(bob, `/api/conversations/${conversationId}/changes?after=1`);
    expect(headSeq).toBe(3);
    expect(changes.map(({ seq, type, message }: Frame) => [seq, type, message.body])).toEqual([
      [2, "message.stored", "missed"],
      [3, "message.stored", "missed too"],
    ]);
    bobs.send({ type: "resume", heads: { [conversationId]: 3, [unknown]: 1 } });
    await bobs.silent("head", 400);
  });

  test("finds in the directory who the others are, and unread what came meanwhile", async () => {
    await bobs.close();
    for (let count = 0; count < 3; count++) await say(anas, bob, `missed ${count}`);
    const { conversations } = await read(bob, "/api/conversations");
    expect(conversations).toMatchObject([{ unreadCount: 3, lastMessage: { body: "missed 2" } }]);
    await eventually(async () => {
      const { notifications, unreadCount } = await read(bob, "/api/notifications");
      expect([unreadCount, notifications[0]?.count]).toEqual([1, 3]);
    });
    bobs = await connectChat(gochat, bob);
  });
});
