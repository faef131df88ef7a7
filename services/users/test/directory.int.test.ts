import { randomUUID } from "node:crypto";
import { userOffline, userOnline, userRegistered } from "@gochat/contracts/events/user-events";
import type { Person } from "@gochat/contracts/http/users";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let gochat: GoChat;
beforeAll(async () => {
  gochat = await startGoChat({ services: ["users"] });
});
afterAll(() => gochat[Symbol.asyncDispose]());

const at = (minute: number) => `2030-01-01T00:${String(minute).padStart(2, "0")}:00.000Z`;

/** Registers people whose names begin with a prefix of their own, so that the tests do not see each other's. */
async function register(...names: string[]) {
  const prefix = `p${randomUUID().slice(0, 8)}.`;
  const people = names.map((name) => ({ userId: randomUUID(), username: prefix + name, at: at(0) }));
  await gochat.broker.publish(userRegistered, people);
  await gochat.settle();
  const idOf = (name: string) => people[names.indexOf(name)]!.userId;
  return { prefix, idOf };
}

async function come(userId: string, minute: number) {
  await gochat.broker.publish(userOnline, [{ userId, at: at(minute) }]);
  await gochat.settle();
}

async function go(userId: string, minute: number) {
  await gochat.broker.publish(userOffline, [{ userId, lastSeenAt: at(minute) }]);
  await gochat.settle();
}

async function list(query: string) {
  const { status, body } = await gochat.guest().request("GET", `/api/users?${query}`);
  expect(status).toBe(200);
  return body as { users: Person[]; nextCursor: string | null };
}

const names = (prefix: string, people: readonly Person[]) =>
  people.map(({ username }) => username.slice(prefix.length));

describe("the directory", () => {
  test("shows who has registered, offline and never seen", async () => {
    const { prefix, idOf } = await register("ana");
    const { users, nextCursor } = await list(`q=${prefix}`);
    expect(users).toEqual([
      { id: idOf("ana"), username: `${prefix}ana`, status: "offline", lastSeenAt: null },
    ]);
    expect(nextCursor).toBeNull();
  });

  test("puts online people first, each group by username; asc the other way round", async () => {
    const { prefix, idOf } = await register("ana", "bob", "cleo", "dan");
    await come(idOf("dan"), 1);
    await come(idOf("bob"), 1);
    expect(names(prefix, (await list(`q=${prefix}`)).users)).toEqual(["bob", "dan", "ana", "cleo"]);
    expect(names(prefix, (await list(`q=${prefix}&direction=asc`)).users)).toEqual([
      "ana",
      "cleo",
      "bob",
      "dan",
    ]);
    expect(names(prefix, (await list(`q=${prefix}&sort=username`)).users)).toEqual([
      "ana",
      "bob",
      "cleo",
      "dan",
    ]);
    expect(names(prefix, (await list(`q=${prefix}&sort=username&direction=desc`)).users)).toEqual([
      "dan",
      "cleo",
      "bob",
      "ana",
    ]);
  });

  test.each([
    "sort=status&direction=desc",
    "sort=status&direction=asc",
    "sort=username",
    "sort=username&direction=desc",
  ])("pages with %s hold everybody once, in the order of one long page", async (order) => {
    const everybody = ["ana", "bob", "cleo", "dan", "eve", "finn", "gil"];
    const { prefix, idOf } = await register(...everybody);
    for (const name of ["bob", "eve", "gil"]) await come(idOf(name), 1);
    const whole = await list(`q=${prefix}&${order}&limit=100`);
    const paged: Person[] = [];
    let cursor: string | null = null;
    do {
      const page = await list(`q=${prefix}&${order}&limit=2${cursor ? `&cursor=${cursor}` : ""}`);
      paged.push(...page.users);
      cursor = page.nextCursor;
    } while (cursor);
    expect(paged).toEqual(whole.users);
    expect(paged).toHaveLength(everybody.length);
  });

  test("finds by prefix, whatever the case, and takes no wildcard for one", async () => {
    const { prefix, idOf } = await register("ana_b", "anaxb");
    const found = await list(`q=${`${prefix}ANA_`.toUpperCase()}`);
    expect(found.users.map(({ id }) => id)).toEqual([idOf("ana_b")]);
    expect((await list("q=%25")).users).toEqual([]);
    expect((await list(`q=${encodeURIComponent("ä b")}`)).users).toEqual([]);
  });

  test.each([
    "limit=0",
    "limit=101",
    "limit=1e1",
    "limit=",
    "sort=email",
    "direction=up",
    "page=2",
    "cursor=",
    "cursor=abc",
    "cursor=%00",
    "q=%00",
    `q=${"a".repeat(33)}`,
  ])("refuses %s", async (query) => {
    const { status, body } = await gochat.guest().request("GET", `/api/users?${query}`);
    expect(status).toBe(400);
    expect(body.code).toBe("INVALID_INPUT");
  });

  test("refuses a cursor of another order", async () => {
    const { prefix } = await register("ana", "bob");
    const { nextCursor } = await list(`q=${prefix}&limit=1`);
    const answer = await gochat
      .guest()
      .request("GET", `/api/users?q=${prefix}&sort=username&cursor=${nextCursor}`);
    expect(answer.body).toMatchObject({ code: "INVALID_INPUT", errors: [{ path: "/cursor" }] });
  });

  test("shows one person; an unknown id is not found", async () => {
    const { prefix, idOf } = await register("ana");
    const { body } = await gochat.guest().request("GET", `/api/users/${idOf("ana")}`);
    expect(body).toEqual({
      user: { id: idOf("ana"), username: `${prefix}ana`, status: "offline", lastSeenAt: null },
    });
    expect((await gochat.guest().request("GET", `/api/users/${randomUUID()}`)).status).toBe(404);
    expect((await gochat.guest().request("GET", "/api/users/1")).body.code).toBe("INVALID_INPUT");
  });
});

describe("presence", () => {
  test("shows when somebody comes and goes, also where a page was cached before", async () => {
    const { prefix, idOf } = await register("ana");
    await list(`q=${prefix}`);
    await come(idOf("ana"), 1);
    expect((await list(`q=${prefix}`)).users[0]).toMatchObject({ status: "online", lastSeenAt: at(1) });
    await go(idOf("ana"), 2);
    expect((await list(`q=${prefix}`)).users[0]).toMatchObject({ status: "offline", lastSeenAt: at(2) });
  });

  test("an older event never overrides a newer one", async () => {
    const { prefix, idOf } = await register("ana", "bob");
    await come(idOf("ana"), 5);
    await go(idOf("ana"), 4);
    await go(idOf("bob"), 5);
    await come(idOf("bob"), 4);
    const { users } = await list(`q=${prefix}&sort=username`);
    expect(users).toMatchObject([
      { status: "online", lastSeenAt: at(5) },
      { status: "offline", lastSeenAt: at(5) },
    ]);
  });

  test("of the same time, going wins in either order", async () => {
    const { prefix, idOf } = await register("ana", "bob");
    await come(idOf("ana"), 5);
    await go(idOf("ana"), 5);
    await go(idOf("bob"), 5);
    await come(idOf("bob"), 5);
    const { users } = await list(`q=${prefix}&sort=username`);
    expect(users.map(({ status }) => status)).toEqual(["offline", "offline"]);
  });

  test("somebody who is online before the registration arrives is hidden, then shown online", async () => {
    const userId = randomUUID();
    await come(userId, 1);
    expect((await gochat.guest().request("GET", `/api/users/${userId}`)).status).toBe(404);
    await gochat.broker.publish(userRegistered, [{ userId, username: "early-bird", at: at(0) }]);
    await gochat.settle();
    expect((await gochat.guest().request("GET", `/api/users/${userId}`)).body.user).toMatchObject({
      username: "early-bird",
      status: "online",
    });
  });
});
