import { randomUUID } from "node:crypto";
import { createLogger } from "@gochat/runtime/logger";
import { startGoChat } from "@gochat/testing/gochat";
import { connectChat } from "@gochat/testing/sockets";
import { expect, test } from "vitest";

type Line = Readonly<Record<string, unknown>> & { readonly msg: string };

/** A logger whose lines are kept. */
function keepLines(level: "debug" | "info") {
  const lines: Line[] = [];
  return { lines, logger: createLogger(level, (line) => lines.push(JSON.parse(line))) };
}

test("a sign-up is followed by the trace of its request, through the outbox; no line holds what was sent", async () => {
  const { lines, logger } = keepLines("debug");
  await using gochat = await startGoChat({ logger, settings: { logLevel: "debug" } });
  const ana = await gochat.signUp("ana");
  const request = lines.find(({ msg, route }) => msg === "request" && route === "/api/auth/signup");
  expect(request?.requestId).toEqual(expect.any(String));
  await expect
    .poll(() => lines.filter(({ msg, traceId }) => msg === "event handled" && traceId === request?.traceId))
    .toEqual(
      expect.arrayContaining([expect.objectContaining({ service: "users", event: "user.registered" })]),
    );
  await ana.request("POST", "/api/auth/signin", { email: ana.email, password: "a wrong password" });
  await ana.request("GET", `/api/users?prefix=${ana.username}`);
  const text = JSON.stringify(lines);
  for (const secret of [ana.password, ana.email, "a wrong password", ...ana.cookie.split(/; |=/)]) {
    if (secret.length > 10) expect(text).not.toContain(secret);
  }
  expect(text).not.toContain("prefix=");
});

test("at level info a message leaves no line of its own", async () => {
  const { lines, logger } = keepLines("info");
  await using gochat = await startGoChat({ logger, settings: { logLevel: "info" } });
  const ana = await gochat.signUp("ana");
  const bob = await gochat.signUp("bob");
  await using socket = await connectChat(gochat, ana);
  const before = lines.length;
  socket.send({ type: "message.send", id: randomUUID(), to: bob.id, body: "hello" });
  await socket.receives("message.stored");
  await gochat.settle();
  expect(lines.slice(before)).toEqual([]);
});
