import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { encodeEnvelope } from "@gochat/broker/codec";
import { definitionsFor } from "@gochat/broker/definitions";
import { userRegistered } from "@gochat/contracts/events/user-events";
import { startRabbitmq } from "@gochat/engines/rabbitmq";
import { connect } from "amqplib";
import { expect, test } from "vitest";

const passwords = { users: "Zk3-vJ9_x" };

test("what a service gave up can be listed, read and taken away, with its own user", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gochat-dead-letters-"));
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  const rabbitmq = cleanUp.use(await startRabbitmq({ folder, definitions: definitionsFor({ passwords }) }));
  const brokerUrl = Object.assign(new URL(rabbitmq.url), {
    username: "users",
    password: passwords.users,
  }).href;
  const run = async (...args: string[]) => {
    const script = join(import.meta.dirname, "dead-letters.ts");
    const env = { PATH: process.env.PATH, BROKER_URL: brokerUrl };
    return (await promisify(execFile)(process.execPath, [script, ...args], { env })).stdout;
  };
  const letter = encodeEnvelope(userRegistered, [
    { userId: crypto.randomUUID(), username: "ana", at: "2026-01-01T00:00:00.000Z" },
  ]);
  const connection = await connect(rabbitmq.url);
  const channel = await connection.createConfirmChannel();
  const headers = {
    queue: "users.user.registered",
    reason: "it is poisoned",
    at: "2026-01-01T00:00:01.000Z",
  };
  channel.sendToQueue("users.dead-letters", Buffer.from(letter), { headers });
  await channel.waitForConfirms();
  await connection.close();

  const listed = await run("users");
  expect(listed).toContain('"event":"user.registered","count":1,"reason":"it is poisoned"');
  expect(listed).not.toContain("ana");
  expect(await run("users", "--contents", "--drop")).toContain('"username":"ana"');
  expect(await run("users")).toBe("0 dead letters of users\n");
  await expect(run("nobody")).rejects.toThrow("Usage");
}, 90_000);
