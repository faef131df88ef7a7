import { randomUUID } from "node:crypto";
import { directConversationId } from "@gochat/contracts/conversation-id";
import type { EventContract } from "@gochat/contracts/events/event";
import { type MessageSent, messageSent } from "@gochat/contracts/events/message-events";
import { messages } from "@gochat/messages/index";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import type { Person } from "@gochat/testing/people";
import { connectChat, type Frame, type TestSocket } from "@gochat/testing/sockets";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { losing } from "./losing.ts";

/** Messages of these bodies are lost on their way to be stored, once each, as from a queue that is purged. */
const lost = new Set<string>();
let gochat: GoChat;
let ana: Person;
let bob: Person;

beforeAll(async () => {
  gochat = await startGoChat({ services: ["auth", losing(messages, isLost), "chat"] });
});
afterAll(() => gochat[Symbol.asyncDispose]());
beforeEach(async () => {
  [ana, bob] = [await gochat.signUp("ana"), await gochat.signUp("bob")];
});

function isLost(contract: EventContract, event: unknown): boolean {
  return contract.name === messageSent.name && lost.delete((event as MessageSent).body);
}

function send(socket: TestSocket, body: string, more: object = {}, id: string = randomUUID()): string {
  socket.send({ type: "message.send", id, to: bob.id, body, ...more });
  return id;
}

async function history(): Promise<string[]> {
  const path = `/api/conversations/${directConversationId(ana.id, bob.id)}/messages`;
  const { body } = await ana.request("GET", path);
  return body.messages.map((message: { body: string }) => message.body);
}

const isOf =
  (id: string) =>
  ({ message, id: rejected }: Frame) =>
    (message?.id ?? rejected) === id;

test("what follows a lost message is not stored ahead of it, and all are once they come again in order", async () => {
  await using socket = await connectChat(gochat, ana);
  const first = send(socket, "first");
  await socket.receives("message.stored", isOf(first));
  lost.add("second");
  const ids = ["second", "third", "fourth"].map((body) => [body, send(socket, body)] as const);
  for (const [, id] of ids.slice(1)) {
    expect(await socket.receives("message.rejected", isOf(id))).toMatchObject({
      code: "BUSY",
      retryAfterMs: 1_000,
    });
  }
  // The lost one is still unanswered: nothing new goes past it, on the same socket.
  const fifth = send(socket, "fifth");
  expect(await socket.receives("message.rejected", isOf(fifth))).toMatchObject({ code: "BUSY" });
  expect(await history()).toEqual(["first"]);
  for (const [body, id] of [...ids, ["fifth", fifth] as const]) send(socket, body, {}, id);
  await socket.receives("message.stored", isOf(fifth));
  expect(await history()).toEqual(["first", "second", "third", "fourth", "fifth"]);
});

test("after a new connection they come again in order, and other people are not kept waiting", async () => {
  await using bobs = await connectChat(gochat, bob);
  const socket = await connectChat(gochat, ana);
  lost.add("one");
  const [one, two] = [send(socket, "one"), send(socket, "two")];
  await socket.receives("message.rejected", isOf(two));
  bobs.send({ type: "message.send", id: randomUUID(), to: ana.id, body: "hello" });
  await bobs.receives("message.stored");
  await socket.close();
  await using again = await connectChat(gochat, ana);
  send(again, "one", {}, one);
  send(again, "two", {}, two);
  await again.receives("message.stored", isOf(two));
  expect(await history()).toEqual(["hello", "one", "two"]);
});

test("what is refused for good keeps nothing behind it waiting, and a replay is answered at once", async () => {
  await using socket = await connectChat(gochat, ana);
  const first = send(socket, "first");
  await socket.receives("message.stored", isOf(first));
  const refused = send(socket, "answers nothing", { replyTo: randomUUID() });
  const behind = send(socket, "behind");
  expect(await socket.receives("message.rejected", isOf(refused))).toMatchObject({ code: "NOT_FOUND" });
  await socket.receives("message.stored", isOf(behind));

  lost.add("lost");
  send(socket, "lost");
  send(socket, "first", {}, first);
  expect(await socket.receives("message.stored", isOf(first))).toMatchObject({ seq: 1 });
  // It is in the log, and yet proves nothing about what was sent ahead of it.
  const late = send(socket, "late");
  expect(await socket.receives("message.rejected", isOf(late))).toMatchObject({ code: "BUSY" });
  expect(await history()).toEqual(["first", "behind"]);
});
