import { randomUUID } from "node:crypto";
import type { EventContract, EventOf } from "@gochat/contracts/events/event";
import {
  sessionRevoked,
  userListed,
  userLoggedIn,
  userRegistered,
  userSignedOut,
} from "@gochat/contracts/events/user-events";
import type { Database } from "@gochat/database/database";
import { createOutbox } from "@gochat/database/outbox";
import { createLogger } from "@gochat/runtime/logger";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { repeatEndings } from "../src/commands/repeat-endings.ts";
import { createRegistrationRounds } from "../src/commands/repeat-registrations.ts";
import { sweepSessions } from "../src/commands/sweep-sessions.ts";

let gochat: GoChat;
beforeAll(async () => {
  gochat = await startGoChat({ services: ["auth"] });
});
afterAll(() => gochat[Symbol.asyncDispose]());

const unique = (name: string) => `${name}-${randomUUID().slice(0, 8)}`;
const day = 24 * 60 * 60 * 1000;

/** Listens in the place of a service that does not run here. */
async function listen<Contract extends EventContract>(contract: Contract, service: "users" | "chat") {
  const heard: EventOf<Contract>[] = [];
  const subscribed = await gochat.broker.subscribe({
    service,
    contract,
    handle: async (events) => void heard.push(...events),
  });
  return { heard, [Symbol.asyncDispose]: () => subscribed.close() };
}

test("sign-up and sign-out are announced before they are answered", async () => {
  await using registered = await listen(userRegistered, "users");
  await using loggedIn = await listen(userLoggedIn, "users");
  await using signedOut = await listen(userSignedOut, "users");
  await using revoked = await listen(sessionRevoked, "chat");
  const ana = await gochat.signUp(unique("ana"));
  const userId = ana.id;
  const sessionId = decodeJwt(/auth=([^;]+)/.exec(ana.cookie)![1]!).sid as string;
  expect(registered.heard).toContainEqual({ userId, username: ana.username, at: expect.any(String) });
  expect(loggedIn.heard).toContainEqual({ userId, sessionId, at: expect.any(String) });

  await ana.request("POST", "/api/auth/signout");
  await gochat.settle();
  expect(signedOut.heard).toContainEqual({ userId, sessionId, at: expect.any(String) });
  const ending = revoked.heard.find((event) => event.sessionId === sessionId);
  expect(ending).toEqual({ userId, sessionId, at: expect.any(String), tokensEndAt: expect.any(String) });
  expect(Date.parse(ending!.tokensEndAt)).toBeGreaterThan(Date.now() + 500_000);
});

test("what is refused announces nothing", async () => {
  const ana = await gochat.signUp(unique("ana"));
  await using registered = await listen(userRegistered, "users");
  await gochat.guest().request("POST", "/api/auth/signup", {
    email: ana.email,
    username: unique("bob"),
    password: ana.password,
  });
  await gochat.settle();
  expect(registered.heard.filter(({ username }) => username.startsWith("bob"))).toEqual([]);
});

test("endings of the last ten minutes can be said again, for a node that was away", async () => {
  const ana = await gochat.signUp(unique("ana"));
  await ana.request("POST", "/api/auth/signout");
  const endingsAt = async (now: number) => {
    const said: string[] = [];
    await repeatEndings({ database: gochat.database("auth"), clock: () => now }, async (revoked) => {
      said.push(...revoked.map(({ userId }) => userId));
    });
    return said;
  };
  expect(await endingsAt(Date.now() + 590_000)).toContain(ana.id);
  expect(await endingsAt(Date.now() + 610_000)).not.toContain(ana.id);
});

test("a sweep ends what nobody used for 30 days, announces it, and forgets old endings", async () => {
  await using revoked = await listen(sessionRevoked, "chat");
  const ana = await gochat.signUp(unique("ana"));
  const database = gochat.database("auth") as Database;
  await using outbox = createOutbox({
    database,
    publish: (contract, events, options) => gochat.broker.publish(contract, events, options),
    durable: true,
    logger: createLogger("silent"),
    clock: Date.now,
  });
  const ended: string[] = [];
  const sweepAt = async (now: number) => {
    const sessions = {
      identify: async () => null,
      end: ({ userId }: { userId: string }) => void ended.push(userId),
      onEnd: () => () => {},
    };
    await sweepSessions({ database, outbox, sessions, clock: () => now });
    await outbox.flush();
    await gochat.settle();
  };
  const count = () => database.query("SELECT 1 FROM sessions WHERE user_id = $1", [ana.id]);

  await sweepAt(Date.now() + 29 * day);
  expect(ended).not.toContain(ana.id);
  await sweepAt(Date.now() + 31 * day);
  expect(ended).toContain(ana.id);
  expect(revoked.heard.map(({ userId }) => userId)).toContain(ana.id);
  expect(await count()).toHaveLength(1);
  await sweepAt(Date.now() + 33 * day);
  expect(await count()).toHaveLength(0);
});

test("accounts are listed again: new ones each time, old ones page by page, round and round", async () => {
  await using listed = await listen(userListed, "users");
  const ana = await gochat.signUp(unique("ana"));
  const database = gochat.database("auth");
  await database.query(
    `INSERT INTO accounts (id, email, username, password_hash, created_at, password_changed_at)
     SELECT gen_random_uuid(), 'old-' || n || '@example.org', 'old-' || n, '', '2020-01-01', '2020-01-01'
     FROM generate_series(1, 300) AS n`,
  );
  const rounds = createRegistrationRounds({ broker: gochat.broker, database, clock: Date.now });
  const round = async () => {
    listed.heard.length = 0;
    await rounds();
    await gochat.settle();
    return listed.heard.map(({ username }) => username);
  };
  const [first, second, third] = [await round(), await round(), await round()];
  for (const names of [first, second, third]) expect(names).toContain(ana.username);
  const old = (names: string[]) => names.filter((name) => name.startsWith("old-"));
  expect(new Set([...old(first), ...old(second)]).size).toBe(300);
  expect(new Set(old(third))).toEqual(new Set(old(first)));
});
