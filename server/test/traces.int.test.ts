import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { startGoChat } from "@gochat/testing/gochat";
import { connectChat, connectNotifications } from "@gochat/testing/sockets";
import { expect, test } from "vitest";
import { startCollector } from "./collector.ts";

test("one trace leads from the sender's socket to the other person's, and has the message's id", async () => {
  await using collector = await startCollector();
  await using gochat = await startGoChat({ settings: { tracesEndpoint: collector.url } });
  const ana = await gochat.signUp("ana");
  const bob = await gochat.signUp("bob");
  await using anaSocket = await connectChat(gochat, ana);
  await using bobSocket = await connectChat(gochat, bob);
  await using bobsNotifications = await connectNotifications(gochat, bob);
  const id = randomUUID();
  anaSocket.send({ type: "message.send", id, to: bob.id, body: "nobody else may read this" });
  const { type: _type, ...frame } = await bobSocket.receives("message.stored");
  expect(Object.keys(frame).sort()).toEqual(["conversationId", "message", "seq"]);
  const notification = await bobsNotifications.receives("notification");
  expect(Object.keys(notification).sort()).toEqual(["notification", "type"]);

  const ofMessage = () => collector.spans.filter(({ traceId }) => traceId === id.replaceAll("-", ""));
  await expect
    .poll(() => ofMessage().map(({ service, name }) => `${service}: ${name}`), { timeout: 10_000 })
    .toEqual(
      expect.arrayContaining([
        "chat: message received",
        "chat: message published",
        "messages: message stored",
        "messages: message announced",
        "chat: message delivered",
        "notifications: message counted",
        "notifications: notification delivered",
      ]),
    );
  const byName = new Map(ofMessage().map((span) => [span.name, span]));
  const parentOf = (name: string) =>
    ofMessage().find(({ spanId }) => spanId === byName.get(name)!.parentSpanId)?.name;
  expect(byName.get("message received")!.parentSpanId).toBe("");
  expect(parentOf("message published")).toBe("message received");
  expect(parentOf("message stored")).toBe("message received");
  expect(parentOf("message delivered")).toBe("message stored");
  expect(parentOf("message counted")).toBe("message stored");
  expect(parentOf("notification delivered")).toBe("message counted");
  expect(collector.received).not.toContain("nobody else");
});

test("a rejected message has its trace too", async () => {
  await using collector = await startCollector();
  await using gochat = await startGoChat({ settings: { tracesEndpoint: collector.url } });
  const ana = await gochat.signUp("ana");
  await using socket = await connectChat(gochat, ana);
  const id = randomUUID();
  socket.send({ type: "message.send", id, to: randomUUID(), body: "hello" });
  const frame = await socket.receives("message.rejected");
  expect(frame).not.toHaveProperty("trace");
  await expect
    .poll(() => collector.spans.filter(({ traceId }) => traceId === id.replaceAll("-", "")), {
      timeout: 10_000,
    })
    .toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ service: "messages", name: "message rejected" }),
        expect.objectContaining({ service: "chat", name: "rejection delivered" }),
      ]),
    );
});

test("a request leads to the services that hear of it, through the outbox", async () => {
  await using collector = await startCollector();
  await using gochat = await startGoChat({ settings: { tracesEndpoint: collector.url } });
  await gochat.signUp("ana");
  const request = () => collector.spans.find(({ name }) => name === "POST /api/auth/signup");
  await expect.poll(request, { timeout: 10_000 }).toMatchObject({ service: "auth", parentSpanId: "" });
  await expect
    .poll(() => collector.spans.filter(({ traceId }) => traceId === request()?.traceId), { timeout: 10_000 })
    .toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          service: "users",
          name: "handle user.registered",
          parentSpanId: request()!.spanId,
        }),
      ]),
    );
});

test("a collector that is not there stops nothing", async () => {
  await using gochat = await startGoChat({
    settings: { tracesEndpoint: "http://127.0.0.1:9", logLevel: "silent" },
  });
  const ana = await gochat.signUp("ana");
  const bob = await gochat.signUp("bob");
  await using socket = await connectChat(gochat, ana);
  socket.send({ type: "message.send", id: randomUUID(), to: bob.id, body: "hello" });
  await socket.receives("message.stored");
});

test("without a collector nothing that sends traces is loaded", async () => {
  const source = `
    import { createRequire } from "node:module";
    import { createTracing } from "@gochat/runtime/tracing";
    await import("./server/src/gochat.ts");
    const loaded = () => Object.keys(createRequire(process.cwd() + "/").cache).filter((path) => /opentelemetry.(sdk|exporter|otlp)/.test(path));
    const logger = { warn() {} };
    await createTracing({ endpoint: undefined, logger });
    const without = loaded().length;
    await createTracing({ endpoint: "http://127.0.0.1:9", logger });
    console.log(JSON.stringify({ without, isSeen: loaded().length > 0 }));
    process.exit();
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", source]);
  expect(JSON.parse(stdout)).toEqual({ without: 0, isSeen: true });
});
