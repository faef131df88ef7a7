import { randomUUID } from "node:crypto";
import { directConversationId } from "@gochat/contracts/conversation-id";
import { userRegistered } from "@gochat/contracts/events/user-events";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import type { Person } from "@gochat/testing/people";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storeMessages } from "../src/message-store.ts";
import { sent } from "./fixtures.ts";

let gochat: GoChat;
beforeAll(async () => {
  gochat = await startGoChat({ services: ["messages"] });
});
afterAll(() => gochat[Symbol.asyncDispose]());

async function pair() {
  const [ana, bob] = [await gochat.person("ana"), await gochat.person("bob")];
  return { ana, bob, id: directConversationId(ana.id, bob.id) };
}

const store = (...events: ReturnType<typeof sent>[]) => storeMessages(gochat.database("messages"), events);
const open = (asker: Person, userId: string) => asker.request("POST", "/api/conversations", { userId });

describe("opening a conversation", () => {
  test("makes the one conversation of the two, whoever asks and however often", async () => {
    const { ana, bob, id } = await pair();
    const answers = await Promise.all([
      open(ana, bob.id),
      open(bob, ana.id),
      open(ana, bob.id),
      open(bob, ana.id),
    ]);
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(body).toEqual({
        conversation: {
          id,
          kind: "direct",
          members: [
            { userId: ana.id, username: ana.username, readSeq: 0 },
            { userId: bob.id, username: bob.username, readSeq: 0 },
          ],
          headSeq: 0,
          lastMessage: null,
          unreadCount: 0,
          createdAt: answers[0]!.body.conversation.createdAt,
        },
      });
    }
  });

  test("finds the conversation that a message opened", async () => {
    const { ana, bob, id } = await pair();
    await store(sent(ana, bob, "hello"));
    const { body } = await open(bob, ana.id);
    expect(body.conversation).toMatchObject({
      id,
      headSeq: 1,
      unreadCount: 1,
      lastMessage: { body: "hello" },
    });
  });

  test("with oneself, with nobody, or with anything else is refused", async () => {
    const { ana } = await pair();
    expect(await open(ana, ana.id)).toMatchObject({ status: 400, body: { code: "INVALID_INPUT" } });
    expect(await open(ana, randomUUID())).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
    for (const body of [{}, { userId: "bob" }, { userId: ana.id, more: 1 }, [], "null"]) {
      const answer = await ana.request("POST", "/api/conversations", body);
      expect(answer).toMatchObject({ status: 400, body: { code: "INVALID_INPUT" } });
    }
    expect(await open(gochat.guest(), ana.id)).toMatchObject({
      status: 401,
      body: { code: "UNAUTHENTICATED" },
    });
  });

  test("waits a moment for somebody who has just registered", async () => {
    const { ana } = await pair();
    const late = { userId: randomUUID(), username: "late", at: new Date().toISOString() };
    const opening = open(ana, late.userId);
    await gochat.broker.publish(userRegistered, [late]);
    expect((await opening).status).toBe(200);
  });
});

describe("the list", () => {
  test("shows the most recently active first, page by page, each once", async () => {
    const ana = await gochat.person("ana");
    const others = await Promise.all(Array.from({ length: 7 }, (_, index) => gochat.person(`other${index}`)));
    for (const other of others) await open(ana, other.id);
    await store(sent(others[2]!, ana, "late"));
    await store(sent(ana, others[5]!, "later"));
    const order = [5, 2, 6, 4, 3, 1, 0].map((index) => directConversationId(ana.id, others[index]!.id));

    const listed: string[] = [];
    let cursor = "";
    do {
      const { body } = await ana.request("GET", `/api/conversations?limit=3${cursor && `&cursor=${cursor}`}`);
      listed.push(...body.conversations.map((conversation: { id: string }) => conversation.id));
      cursor = body.nextCursor;
    } while (cursor);
    expect(listed).toEqual(order);
    const all = await ana.request("GET", "/api/conversations");
    expect(all.body.conversations.map((conversation: { id: string }) => conversation.id)).toEqual(order);
    expect(all.body.nextCursor).toBeNull();
    expect(all.body.conversations[0]).toMatchObject({ unreadCount: 0, lastMessage: { body: "later" } });
    expect(all.body.conversations[1]).toMatchObject({ unreadCount: 1, lastMessage: { body: "late" } });
  });

  test.each(["limit=0", "limit=101", "limit=x", "cursor=", "cursor=AAAA", "page=2"])(
    "refuses ?%s",
    async (query) => {
      const { ana } = await pair();
      const answer = await ana.request("GET", `/api/conversations?${query}`);
      expect(answer).toMatchObject({ status: 400, body: { code: "INVALID_INPUT" } });
    },
  );

  test("counts what others wrote past one's read position, up to 100", async () => {
    const { ana, bob, id } = await pair();
    const unread = async (person: Person) =>
      (await person.request("GET", `/api/conversations/${id}`)).body.conversation.unreadCount;
    await store(...Array.from({ length: 99 }, () => sent(ana, bob, "x")));
    expect([await unread(ana), await unread(bob)]).toEqual([0, 99]);
    await store(...Array.from({ length: 50 }, () => sent(ana, bob, "x")));
    expect([await unread(ana), await unread(bob)]).toEqual([0, 100]);
    await store(sent(bob, ana, "read it all"));
    expect([await unread(ana), await unread(bob)]).toEqual([1, 0]);
  });
});

describe("to a stranger", () => {
  test("a conversation does not exist, byte for byte", async () => {
    const { ana, bob, id } = await pair();
    const eve = await gochat.person("eve");
    await store(sent(ana, bob, "secret"));
    for (const path of ["", "/messages", "/messages?before=2", "/changes?after=0"]) {
      const answers = await Promise.all(
        [id, randomUUID()].map((of) => eve.request("GET", `/api/conversations/${of}${path}`)),
      );
      expect(answers[0]).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } });
      expect(answers[0]?.body).toEqual(answers[1]?.body);
      expect([...answers[0]!.headers.keys()]).toEqual([...answers[1]!.headers.keys()]);
    }
    expect((await eve.request("GET", "/api/conversations")).body.conversations).toEqual([]);
    expect((await gochat.guest().request("GET", `/api/conversations/${id}`)).status).toBe(401);
  });
});
