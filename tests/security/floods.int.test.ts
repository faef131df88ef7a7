import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Person } from "@gochat/testing/people";
import { connectChat, connectNotifications, type Frame } from "@gochat/testing/sockets";
import { type GoChat, startGoChat } from "@gochat/testing/whole-gochat";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Bystanders, startBystanders } from "../bystanders.ts";

let gochat: GoChat;
let eve: Person;
let bob: Person;
let bystanders: Bystanders;

beforeAll(async () => {
  gochat = await startGoChat({ settings: { rateLimits: true } });
  eve = await gochat.signUp("eve");
  bob = await gochat.signUp("bob");
  bystanders = await startBystanders(gochat);
});
afterAll(async () => {
  await bystanders.finish();
  await gochat[Symbol.asyncDispose]();
});

test("more than 100 frames a second for 3 s close the socket with 4429", async () => {
  for (const connect of [connectChat, connectNotifications]) {
    await using socket = await connect(gochat, eve);
    const frame =
      connect === connectChat
        ? { type: "typing", conversationId: randomUUID() }
        : { type: "presence.watch", userIds: [] };
    let code: number | undefined;
    void socket.closed.then((closed) => {
      code = closed.code;
    });
    for (let round = 0; round < 80 && code === undefined; round++) {
      for (let count = 0; count < 20; count++) socket.send(frame);
      await delay(100);
    }
    expect(code).toBe(4429);
  }
}, 40_000);

test("a burst of messages past the limit is refused with the time to wait, and what was taken is stored once", async () => {
  await using socket = await connectChat(gochat, eve);
  const ids = Array.from({ length: 90 }, () => randomUUID());
  for (const id of ids) socket.send({ type: "message.send", id, to: bob.id, body: `burst ${id}` });
  const outcome = (id: string) => (frame: Frame) =>
    (frame.type === "message.stored" && frame.message.id === id) ||
    (frame.type === "message.rejected" && frame.id === id);
  const deadline = Date.now() + 15_000;
  while (!ids.every((id) => socket.frames.some(outcome(id))) && Date.now() < deadline) await delay(20);
  const outcomes = ids.map((id) => socket.frames.find(outcome(id)));
  const rejected = outcomes.filter((frame) => frame?.type === "message.rejected");
  expect(outcomes).not.toContain(undefined);
  expect(rejected.length).toBeGreaterThanOrEqual(90 - 40 - 20);
  for (const frame of rejected) {
    expect(frame).toMatchObject({ code: expect.stringMatching(/^(BUSY|RATE_LIMITED)$/) });
    expect(frame!.retryAfterMs).toBeGreaterThan(0);
  }
  const stored = outcomes
    .filter((frame) => frame?.type === "message.stored")
    .map((frame) => frame!.message.id);
  const { body } = await eve.request(
    "GET",
    `/api/conversations/${await conversationWith(bob)}/messages?limit=100`,
  );
  expect(body.messages.map(({ id }: { id: string }) => id)).toEqual(stored);
});

async function conversationWith(person: Person): Promise<string> {
  const { body } = await eve.request("POST", "/api/conversations", { userId: person.id });
  return body.conversation.id;
}

test("wrong passwords without end are slowed down, and the answer says until when", async () => {
  const attempts = Array.from({ length: 40 }, () =>
    gochat.guest().request("POST", "/api/auth/signin", { email: eve.email, password: "wrong password" }),
  );
  const answers = await Promise.all(attempts);
  const limited = answers.filter(({ status }) => status === 429 || status === 503);
  expect(answers.filter(({ status }) => ![401, 429, 503].includes(status))).toEqual([]);
  expect(limited.length).toBeGreaterThan(0);
  for (const { headers } of limited) expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
});

/** Each node counts the sockets of a person by itself, and a cluster has two. */
const manySockets = 230;

test("whoever opens hundreds of sockets is refused, and the open ones serve on", async () => {
  const opened = await Promise.allSettled(
    Array.from({ length: manySockets }, () => connectNotifications(gochat, eve)),
  );
  const sockets = opened.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const refused = opened.filter((result) => result.status === "rejected");
  expect(refused.length).toBeGreaterThan(0);
  for (const { reason } of refused)
    expect(reason).toMatchObject({ status: 429, body: { code: "RATE_LIMITED" } });
  await Promise.all(sockets.map((socket) => socket.close()));
});
