import { randomUUID } from "node:crypto";
import { directConversationId } from "@gochat/contracts/conversation-id";
import type { Person } from "@gochat/testing/people";
import { connectChat, connectNotifications, type TestSocket } from "@gochat/testing/sockets";
import { type GoChat, startGoChat } from "@gochat/testing/whole-gochat";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Bystanders, startBystanders } from "../bystanders.ts";

let gochat: GoChat;
let eve: Person;
let bob: Person;
let bystanders: Bystanders;
let chat: TestSocket;

beforeAll(async () => {
  gochat = await startGoChat();
  eve = await gochat.signUp("eve");
  bob = await gochat.signUp("bob");
  bystanders = await startBystanders(gochat);
});
afterAll(async () => {
  await bystanders.finish();
  await gochat[Symbol.asyncDispose]();
});
beforeEach(async () => {
  chat = await connectChat(gochat, eve);
});
afterEach(() => chat.close());

const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

/** A message that is stored shows that the socket still serves. */
async function expectAlive(socket: TestSocket): Promise<void> {
  const id = randomUUID();
  socket.send({ type: "message.send", id, to: bob.id, body: "still here" });
  await socket.receives("message.stored", ({ message }) => message.id === id);
}

describe("a message with a usable id", () => {
  const rejected: [string, () => Record<string, unknown>][] = [
    ["no recipient", () => ({ body: "hi" })],
    [
      "two recipients",
      () => ({ to: bob.id, conversationId: directConversationId(eve.id, bob.id), body: "hi" }),
    ],
    ["itself as the recipient", () => ({ to: eve.id, body: "hi" })],
    ["a recipient that is no id", () => ({ to: "bob", body: "hi" })],
    ["an upper-case recipient", () => ({ to: bob.id.toUpperCase(), body: "hi" })],
    ["no body", () => ({ to: bob.id })],
    ["an empty body", () => ({ to: bob.id, body: "" })],
    ["only spaces", () => ({ to: bob.id, body: " \n\t " })],
    ["4,001 characters", () => ({ to: bob.id, body: "😀".repeat(4001) })],
    ["NUL", () => ({ to: bob.id, body: "a\u0000b" })],
    ["half of a surrogate pair", () => ({ to: bob.id, body: "a\ud800" })],
    ["a number for a body", () => ({ to: bob.id, body: 17 })],
    ["an object for a body", () => ({ to: bob.id, body: { toString: "x" } })],
    ["a reply to no id", () => ({ to: bob.id, body: "hi", replyTo: "x" })],
    ["somebody else as the sender", () => ({ to: bob.id, body: "hi", senderId: bob.id })],
    ["a name of its own", () => ({ to: bob.id, body: "hi", username: "bob" })],
    ["a routing key", () => ({ to: bob.id, body: "hi", routingKey: "user.registered" })],
    ["a position", () => ({ to: bob.id, body: "hi", seq: 1 })],
  ];

  test.each(rejected)("but %s is rejected, for good", async (_what, rest) => {
    const id = randomUUID();
    chat.send({ type: "message.send", id, ...rest() });
    expect(await chat.receives("message.rejected")).toMatchObject({
      id,
      code: "INVALID_INPUT",
      detail: expect.any(String),
    });
    await expectAlive(chat);
  });

  test("but a __proto__ key is rejected", async () => {
    const id = randomUUID();
    chat.sendText(
      `{"__proto__":{"to":"${bob.id}"},"type":"message.send","id":"${id}","to":"${bob.id}","body":"hi"}`,
    );
    expect(await chat.receives("message.rejected")).toMatchObject({ id, code: "INVALID_INPUT" });
    await expectAlive(chat);
  });

  test("to nobody, or into a conversation that is not there, is rejected as not found", async () => {
    const [lost, astray] = [randomUUID(), randomUUID()];
    chat.send({ type: "message.send", id: lost, to: randomUUID(), body: "hi" });
    expect(await chat.receives("message.rejected")).toMatchObject({ id: lost, code: "NOT_FOUND" });
    chat.send({ type: "message.send", id: astray, conversationId: randomUUID(), body: "hi" });
    expect(await chat.receives("message.rejected")).toMatchObject({ id: astray, code: "NOT_FOUND" });
  });

  test("of 4,000 characters after trimming is stored, however many bytes they have", async () => {
    const id = randomUUID();
    chat.send({ type: "message.send", id, to: bob.id, body: `  ${"😀".repeat(4000)}\n` });
    const { message } = await chat.receives("message.stored");
    expect(message).toMatchObject({ id, body: "😀".repeat(4000) });
  });
});

describe("another wrong frame", () => {
  test.each([
    '{"type":"nothing"}',
    '{"type":"__proto__"}',
    '{"type":"constructor"}',
    '{"type":17}',
    "{}",
    '{"type":"message.send"}',
    '{"type":"message.send","id":"x","to":"y","body":"hi"}',
    '{"type":"message.send","id":{"a":1},"body":"hi"}',
    '{"type":"message.read","conversationId":"x","seq":1}',
    `{"type":"message.read","conversationId":"${randomUUID()}","seq":-1}`,
    `{"type":"message.read","conversationId":"${randomUUID()}","seq":1e300}`,
    `{"type":"message.read","conversationId":"${randomUUID()}","seq":9007199254740993}`,
    `{"type":"message.read","conversationId":"${randomUUID()}","seq":"1"}`,
    '{"type":"typing"}',
    '{"type":"resume"}',
    '{"type":"resume","heads":[]}',
    '{"type":"resume","heads":{"x":"y"}}',
    `{"type":"ready","userId":"${randomUUID()}"}`,
  ])("%s is answered with an error, and the socket stays", async (text) => {
    chat.sendText(text);
    expect(await chat.receives("error")).toMatchObject({
      code: expect.stringMatching(/^[A-Z_]+$/),
      detail: expect.any(String),
    });
    await expectAlive(chat);
  });

  test("16 levels are allowed, the seventeenth is not", async () => {
    chat.sendText(`{"type":"nothing","x":${nested(15)}}`);
    await chat.receives("error");
    chat.sendText(`{"type":"nothing","x":${nested(16)}}`);
    expect((await chat.closed).code).toBe(4400);
  });

  test("closes the socket when it is the tenth in a minute", async () => {
    for (let mistake = 0; mistake < 10; mistake++) chat.send({ type: "nothing" });
    expect((await chat.closed).code).toBe(4400);
  });
});

describe.each(["chat", "notifications"] as const)("the %s socket", (path) => {
  const open = () => (path === "chat" ? connectChat(gochat, eve) : connectNotifications(gochat, eve));

  test.each([
    ["no JSON", "{", 4400],
    ["nothing", "", 4400],
    ["a list", "[]", 4400],
    ["null", "null", 4400],
    ["a text", '"ready"', 4400],
    ["30,000 levels", nested(30_000), 4400],
    ["30,000 levels of objects", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`, 4400],
    ["200,000 levels", nested(200_000), 1009],
    ["70 KiB", JSON.stringify({ type: "nothing", x: "a".repeat(70 * 1024) }), 1009],
    ["ten megabytes", JSON.stringify({ type: "nothing", x: "a".repeat(10 * 1024 * 1024) }), 1009],
  ])("is closed by %s", async (_what, text, code) => {
    await using socket = await open();
    socket.sendText(text);
    expect((await socket.closed).code).toBe(code);
  });

  test("is closed by binary frames", async () => {
    await using socket = await open();
    socket.sendBinary(Buffer.from('{"type":"nothing"}'));
    expect((await socket.closed).code).toBe(4400);
  });
});

test.each([
  '{"type":"presence.watch"}',
  '{"type":"presence.watch","userIds":"everyone"}',
  '{"type":"presence.watch","userIds":["x"]}',
  '{"type":"message.send"}',
])("the notification socket answers %.60s with an error", async (text) => {
  await using socket = await connectNotifications(gochat, gochat.guest());
  socket.sendText(text);
  expect(await socket.receives("error")).toMatchObject({ code: "INVALID_INPUT" });
});
