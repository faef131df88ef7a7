import { randomUUID } from "node:crypto";
import { directConversationId } from "@gochat/contracts/conversation-id";
import type { Person } from "@gochat/testing/people";
import { connectChat, type TestSocket } from "@gochat/testing/sockets";
import { type GoChat, startGoChat } from "@gochat/testing/whole-gochat";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sendRaw } from "../raw-http.ts";

let gochat: GoChat;
let ana: Person;
let bob: Person;
let eve: Person;
let conversationId: string;
let anas: TestSocket;
let bobs: TestSocket;
let eves: TestSocket;

/** Ana and bob have talked; eve is signed in, knows the id of their conversation, and is no member. */
beforeAll(async () => {
  gochat = await startGoChat();
  [ana, bob, eve] = [await gochat.signUp("ana"), await gochat.signUp("bob"), await gochat.signUp("eve")];
  [anas, bobs, eves] = [
    await connectChat(gochat, ana),
    await connectChat(gochat, bob),
    await connectChat(gochat, eve),
  ];
  anas.send({ type: "message.send", id: randomUUID(), to: bob.id, body: "between the two of us" });
  conversationId = (await bobs.receives("message.stored")).conversationId;
  await anas.receives("message.stored");
});
afterAll(async () => {
  for (const socket of [anas, bobs, eves]) await socket.close();
  await gochat[Symbol.asyncDispose]();
});

/** The answer without what differs between any two answers. */
async function askAs(person: Person, path: string) {
  const { head, text } = await sendRaw(gochat.url, {
    method: "GET",
    path,
    headers: { cookie: person.cookie },
  });
  return `${head.replace(/^(date|x-ratelimit-\S+|ratelimit-\S+): .*$/gim, "")}\n${text}`;
}

describe("to a stranger a conversation does not exist", () => {
  test.each(["", "/messages", "/messages?after=0", "/changes?after=0"])("GET %s", async (rest) => {
    expect(await askAs(ana, `/api/conversations/${conversationId}${rest}`)).toContain(" 200 ");
    const real = await askAs(eve, `/api/conversations/${conversationId}${rest}`);
    const unreal = await askAs(
      eve,
      `/api/conversations/${directConversationId(ana.id, randomUUID())}${rest}`,
    );
    const any = await askAs(eve, `/api/conversations/${randomUUID()}${rest}`);
    expect(real).toContain(" 404 ");
    expect(real).toBe(unreal);
    expect(real).toBe(any);
  });

  test("nor is it in the list", async () => {
    const { body } = await eve.request("GET", "/api/conversations");
    expect(body).toEqual({ conversations: [], nextCursor: null });
  });

  test("a message into it is rejected as if it were not there", async () => {
    const [real, unreal] = [randomUUID(), randomUUID()];
    eves.send({ type: "message.send", id: real, conversationId, body: "let me in" });
    eves.send({ type: "message.send", id: unreal, conversationId: randomUUID(), body: "let me in" });
    const first = await eves.receives("message.rejected", ({ id }) => id === real);
    const second = await eves.receives("message.rejected", ({ id }) => id === unreal);
    expect(first.code).toBe("NOT_FOUND");
    expect({ ...first, id: "" }).toEqual({ ...second, id: "" });
    const { body } = await ana.request("GET", `/api/conversations/${conversationId}/messages`);
    expect(body.messages.map(({ body: text }: { body: string }) => text)).toEqual(["between the two of us"]);
  });

  test("typing, reading and resuming in it tell nobody anything", async () => {
    eves.send({ type: "typing", conversationId });
    eves.send({ type: "message.read", conversationId, seq: 1 });
    eves.send({ type: "resume", heads: { [conversationId]: 0 } });
    await Promise.all([
      anas.silent("typing", 500),
      bobs.silent("typing", 500),
      anas.silent("message.read", 500),
      bobs.silent("message.read", 500),
      eves.silent("head", 500),
    ]);
    const { body } = await ana.request("GET", `/api/conversations/${conversationId}`);
    expect(
      body.conversation.members.find(({ userId }: { userId: string }) => userId === bob.id).readSeq,
    ).toBe(0);
  });

  test("what is said in it never reaches a stranger's socket", async () => {
    const id = randomUUID();
    bobs.send({ type: "message.send", id, conversationId, body: "nobody else hears this" });
    await anas.receives("message.stored", ({ message }) => message.id === id);
    await eves.silent("message.stored", 200);
  });
});

describe("nobody speaks for somebody else", () => {
  test("by the address of the socket", async () => {
    const url = new URL("/ws/chat", gochat.url);
    url.search = new URLSearchParams({ username: "ana", userId: ana.id, token: "x" }).toString();
    const upgrade = { origin: gochat.url, cookie: eve.cookie };
    await using socket = await connectChat({ url: gochat.url }, eve, { headers: { "x-user-id": ana.id } });
    expect(socket.frames[0]).toMatchObject({ type: "ready", userId: eve.id });
    const refused = await sendRaw(gochat.url, {
      method: "GET",
      path: `${url.pathname}${url.search}`,
      headers: { origin: upgrade.origin, connection: "close, upgrade", upgrade: "websocket" },
    });
    expect(refused.status).toBe(401);
  });

  test("the sender is who is signed in, for both people and in the history", async () => {
    const id = randomUUID();
    eves.send({ type: "message.send", id, to: bob.id, body: "I am ana" });
    const { message, conversationId: own } = await bobs.receives(
      "message.stored",
      (frame) => frame.message.id === id,
    );
    expect(message.senderId).toBe(eve.id);
    const { body } = await bob.request("GET", `/api/conversations/${own}/messages`);
    expect(body.messages.at(-1)).toEqual(message);
  });
});

describe("a token", () => {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const tokenOf = (person: Person) => /(?:^|; )(?:__Host-)?auth=([^;]+)/.exec(person.cookie)![1]!;

  async function expectRefused(token: string): Promise<void> {
    const answer = await sendRaw(gochat.url, {
      method: "GET",
      path: "/api/auth/currentuser",
      headers: { cookie: `auth=${token}` },
    });
    expect([token.slice(0, 40), answer.status]).toEqual([token.slice(0, 40), 401]);
  }

  test("that was changed, unsigned or signed with the public key is nobody's", async () => {
    const [header, payload, signature] = tokenOf(eve).split(".") as [string, string, string];
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
    const forged = encode({ ...claims, sub: ana.id, username: "ana" });
    const { body } = await eve.request("GET", "/api/auth/jwks.json");
    const key = Buffer.from(JSON.stringify(body.keys[0]));
    const { createHmac } = await import("node:crypto");
    const hmacHeader = encode({ alg: "HS256", kid: body.keys[0].kid });
    const hmac = createHmac("sha256", key).update(`${hmacHeader}.${forged}`).digest("base64url");
    for (const token of [
      `${header}.${forged}.${signature}`,
      `${encode({ alg: "none" })}.${forged}.`,
      `${encode({ alg: "none" })}.${forged}`,
      `${hmacHeader}.${forged}.${hmac}`,
      `${header}.${payload}.`,
      `${header}.${payload}.${signature.slice(0, -4)}AAAA`,
      "x",
      "..",
      "%00",
      "a".repeat(6000),
    ]) {
      await expectRefused(token);
    }
  });

  test("says who, which session, and ends within ten minutes; its keys are public only", async () => {
    const claims = JSON.parse(Buffer.from(tokenOf(eve).split(".")[1]!, "base64url").toString());
    expect(claims).toMatchObject({ sub: eve.id, username: eve.username, sid: expect.any(String) });
    expect(claims.exp * 1000 - Date.now()).toBeLessThanOrEqual(600_000);
    const { body } = await eve.request("GET", "/api/auth/jwks.json");
    expect(JSON.stringify(body)).not.toContain('"d"');
  });
});
