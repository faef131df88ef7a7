import { randomUUID } from "node:crypto";
import { type Collector, startCollector } from "@gochat/testing/collector";
import type { Person } from "@gochat/testing/people";
import { connectChat, connectNotifications } from "@gochat/testing/sockets";
import { type GoChat, startGoChat } from "@gochat/testing/whole-gochat";
import { afterAll, beforeAll, expect, test } from "vitest";

const secret = "nobody else may read this";
const timeout = { timeout: 15_000 };
/** From the sender's socket to the other person's, through every service that has a part in it. */
const everyStep = expect.arrayContaining([
  "chat: message received",
  "chat: message published",
  "messages: message stored",
  "messages: message announced",
  "chat: message delivered",
  "notifications: message counted",
  "notifications: notification delivered",
]);

let collector: Collector;
let gochat: GoChat;
let ana: Person;
let traceId: string;

/** Ana writes to Bob, who hears of it on both of his sockets. */
beforeAll(async () => {
  collector = await startCollector();
  gochat = await startGoChat({ settings: { tracesEndpoint: collector.url, logLevel: "debug" } });
  ana = await gochat.signUp("ana");
  const bob = await gochat.signUp("bob");
  await using anaSocket = await connectChat(gochat, ana);
  await using bobSocket = await connectChat(gochat, bob);
  await using bobsNotifications = await connectNotifications(gochat, bob);
  const id = randomUUID();
  anaSocket.send({ type: "message.send", id, to: bob.id, body: secret });
  await anaSocket.receives("message.stored");
  await bobSocket.receives("message.stored");
  await bobsNotifications.receives("notification");
  traceId = id.replaceAll("-", "");
});
afterAll(async () => {
  await gochat[Symbol.asyncDispose]();
  await collector[Symbol.asyncDispose]();
});

test("one trace leads from the sender's socket to the other person's, and has the message's id", async () => {
  const spans = () => collector.spans.filter((span) => span.traceId === traceId);
  await expect
    .poll(() => spans().map(({ service, name }) => `${service}: ${name}`), timeout)
    .toEqual(everyStep);
  const spanOf = (name: string) => spans().find((span) => span.name === name)!;
  const before = (name: string) => spans().find(({ spanId }) => spanId === spanOf(name).parentSpanId)?.name;
  expect(spanOf("message received").parentSpanId).toBe("");
  expect(before("message published")).toBe("message received");
  expect(before("message stored")).toBe("message received");
  expect(before("message delivered")).toBe("message stored");
  expect(before("message counted")).toBe("message stored");
  expect(before("notification delivered")).toBe("message counted");
  expect(collector.received).not.toContain(secret);
});

test("one id finds every step of it in the log, up to the sockets of both; no line holds what was sent", async () => {
  const steps = () => gochat.logLines().filter((line) => line.traceId === traceId);
  await expect
    .poll(() => steps().map(({ service, msg }) => `${service}: ${msg}`), timeout)
    .toEqual(everyStep);
  const reached = () =>
    steps().flatMap(({ msg, sockets }) => (msg === "message delivered" ? String(sockets).split(" ") : []));
  await expect.poll(reached, timeout).toHaveLength(2);
  expect(JSON.stringify(gochat.logLines())).not.toContain(secret);
});

test("a sign-up leads to the services that hear of it, through the outbox, as a trace and in the log", async () => {
  const request = () => collector.spans.find(({ name }) => name === "POST /api/auth/signup");
  await expect.poll(request, timeout).toMatchObject({ service: "auth", parentSpanId: "" });
  const { traceId, spanId } = request()!;
  const name = "handle user.registered";
  await expect
    .poll(() => collector.spans.filter((span) => span.traceId === traceId), timeout)
    .toContainEqual(expect.objectContaining({ service: "users", name, parentSpanId: spanId }));
  const lines = gochat.logLines().filter((line) => line.traceId === traceId);
  expect(lines).toContainEqual(expect.objectContaining({ msg: "request", route: "/api/auth/signup" }));
  expect(lines).toContainEqual(expect.objectContaining({ service: "users", event: "user.registered" }));
  const text = JSON.stringify(gochat.logLines());
  for (const secret of [ana.password, ana.email]) expect(text).not.toContain(secret);
});
