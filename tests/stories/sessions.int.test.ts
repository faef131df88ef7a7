import { randomUUID } from "node:crypto";
import type { Person } from "@gochat/testing/people";
import { connectChat, connectNotifications } from "@gochat/testing/sockets";
import { type GoChat, startGoChat } from "@gochat/testing/whole-gochat";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually, read, say } from "../talk.ts";

let gochat: GoChat;
let ana: Person;

beforeAll(async () => {
  gochat = await startGoChat();
});
afterAll(() => gochat[Symbol.asyncDispose]());
beforeEach(async () => {
  ana = await gochat.signUp("ana");
});

/** The same person on another device. */
async function signInAgain(person: Person, password = person.password): Promise<Person> {
  const device = gochat.guest();
  const { status } = await device.request("POST", "/api/auth/signin", { email: person.email, password });
  expect(status).toBe(200);
  return Object.assign(device, { id: person.id, username: person.username });
}

/** Calls of every service that asks who somebody is. */
const ownCalls = ["/api/auth/currentuser", "/api/auth/sessions", "/api/conversations", "/api/notifications"];

/** The cookies as they were: what a thief would have kept. */
async function expectRefusedEverywhere(cookie: string): Promise<void> {
  await eventually(async () => {
    for (const path of ownCalls) {
      const { status } = await gochat.guest().request("GET", path, undefined, { cookie });
      expect([path, status]).toEqual([path, 401]);
    }
  }, 2000);
  const thief = { ...ana, cookie };
  await expect(connectChat(gochat, thief)).rejects.toMatchObject({ status: 401 });
}

describe("a session that ends", () => {
  test("by signing out closes its sockets and no others, and its token is refused everywhere", async () => {
    const phone = await signInAgain(ana);
    await using chat = await connectChat(gochat, ana);
    await using bell = await connectNotifications(gochat, ana);
    await using phoneChat = await connectChat(gochat, phone);
    const stolen = ana.cookie;
    expect((await ana.request("POST", "/api/auth/signout")).status).toBe(204);
    expect(ana.cookie).toBe("");
    expect((await chat.closed).code).toBe(4401);
    expect((await bell.closed).code).toBe(4401);
    await expectRefusedEverywhere(stolen);
    const bob = await gochat.signUp("bob");
    await say(phoneChat, bob, "still here");
  });

  test("from another device closes its sockets too", async () => {
    const phone = await signInAgain(ana);
    await using phoneChat = await connectChat(gochat, phone);
    const stolen = phone.cookie;
    const { sessions } = await read(ana, "/api/auth/sessions");
    expect(sessions).toHaveLength(2);
    expect(sessions.filter(({ current }: { current: boolean }) => current)).toHaveLength(1);
    const other = sessions.find(({ current }: { current: boolean }) => !current);
    expect((await ana.request("DELETE", `/api/auth/sessions/${other.id}`)).status).toBe(204);
    expect((await phoneChat.closed).code).toBe(4401);
    await expectRefusedEverywhere(stolen);
    expect((await read(ana, "/api/auth/sessions")).sessions).toMatchObject([{ current: true }]);
  });

  test("with a changed password leaves only the device that changed it", async () => {
    const phone = await signInAgain(ana);
    await using phoneBell = await connectNotifications(gochat, phone);
    const change = (currentPassword: string) =>
      ana.request("POST", "/api/auth/password", { currentPassword, newPassword: "another fine password" });
    const wrong = await change("not the password");
    expect([wrong.status, wrong.body.code]).toEqual([403, "WRONG_PASSWORD"]);
    expect((await change(ana.password)).status).toBe(204);
    expect((await phoneBell.closed).code).toBe(4401);
    await expectRefusedEverywhere(phone.cookie);
    expect((await ana.request("GET", "/api/auth/currentuser")).status).toBe(200);
    const old = await gochat.guest().request("POST", "/api/auth/signin", {
      email: ana.email,
      password: ana.password,
    });
    expect([old.status, old.body.code]).toEqual([401, "INVALID_CREDENTIALS"]);
    await signInAgain(ana, "another fine password");
  });

  test("of somebody else is not there", async () => {
    const bob = await gochat.signUp("bob");
    const { sessions } = await read(bob, "/api/auth/sessions");
    const foreign = await ana.request("DELETE", `/api/auth/sessions/${sessions[0].id}`);
    const nobodys = await ana.request("DELETE", `/api/auth/sessions/${randomUUID()}`);
    expect([foreign.status, foreign.body]).toEqual([404, nobodys.body]);
    expect((await bob.request("GET", "/api/auth/currentuser")).status).toBe(200);
  });
});

describe("a session that goes on", () => {
  test("through a refresh keeps its sockets", async () => {
    await using chat = await connectChat(gochat, ana);
    await using bell = await connectNotifications(gochat, ana);
    const before = ana.cookie;
    expect((await ana.request("POST", "/api/auth/refresh")).status).toBe(204);
    expect(ana.cookie).not.toBe(before);
    const bob = await gochat.signUp("bob");
    await say(chat, bob, "still the same socket");
    expect(bell.frames.some(({ type }) => type === "error")).toBe(false);
    expect((await read(ana, "/api/auth/sessions")).sessions).toHaveLength(1);
  });

  test("answers a repeated refresh, as from two tabs, with the same successor", async () => {
    const before = ana.cookie;
    const first = await gochat.guest().request("POST", "/api/auth/refresh", undefined, { cookie: before });
    const second = await gochat.guest().request("POST", "/api/auth/refresh", undefined, { cookie: before });
    const refreshOf = ({ headers }: { headers: Headers }) =>
      headers
        .getSetCookie()
        .find((cookie) => cookie.startsWith("refresh="))
        ?.split(";")[0];
    expect([first.status, second.status]).toEqual([204, 204]);
    expect(refreshOf(second)).toBe(refreshOf(first));
  });
});

describe("a guest", () => {
  test("signs out without harm, and cannot refresh", async () => {
    expect((await gochat.guest().request("POST", "/api/auth/signout")).status).toBe(204);
    const { status, body } = await gochat.guest().request("POST", "/api/auth/refresh");
    expect([status, body.code]).toEqual([401, "SESSION_EXPIRED"]);
  });

  test("cannot tell an unknown e-mail from a wrong password", async () => {
    const signIn = (email: string) =>
      gochat.guest().request("POST", "/api/auth/signin", { email, password: "a wrong password" });
    const [unknown, wrong] = [await signIn("nobody@example.org"), await signIn(ana.email)];
    expect([unknown.status, unknown.body]).toEqual([401, wrong.body]);
    expect(wrong.body.code).toBe("INVALID_CREDENTIALS");
  });

  test("takes no name or e-mail that is taken, in whatever case; names are folded", async () => {
    const signUp = (email: string, username: string) =>
      gochat.guest().request("POST", "/api/auth/signup", { email, username, password: "a good password 1" });
    for (const [email, username] of [
      [ana.email.toUpperCase(), `x-${ana.username}`],
      ["other@example.org", ana.username.toUpperCase()],
    ] as const) {
      const { status, body } = await signUp(email, username);
      expect([status, body.code]).toEqual([409, "EMAIL_OR_USERNAME_TAKEN"]);
    }
    const { status, body } = await signUp("Uma@Example.org", `Uma-${ana.username}`);
    expect([status, body.user]).toMatchObject([
      201,
      { username: `uma-${ana.username}`, email: "uma@example.org" },
    ]);
  });

  test.each([
    ["a short name", { username: "ab" }],
    ["a long name", { username: "a".repeat(33) }],
    ["a name that begins with a dot", { username: ".ana" }],
    ["a name with a space", { username: "an a" }],
    ["a reserved name", { username: "admin" }],
    ["a short password", { password: "1234567" }],
    ["a very common password", { password: "password1" }],
    ["a long password", { password: "a".repeat(257) }],
    ["no e-mail", { email: "nobody" }],
  ])("cannot sign up with %s", async (_what, wrong) => {
    const good = { email: "new@example.org", username: "newcomer", password: "a good password 1" };
    const { status, body } = await gochat.guest().request("POST", "/api/auth/signup", { ...good, ...wrong });
    expect([status, body.code]).toEqual([400, "INVALID_INPUT"]);
    expect(body.errors[0].path).toBe(`/${Object.keys(wrong)[0]}`);
  });
});

test("cookies are HttpOnly, and the refresh cookie goes to auth only", async () => {
  const { headers } = await gochat.guest().request("POST", "/api/auth/signin", {
    email: ana.email,
    password: ana.password,
  });
  const [auth, refresh] = ["auth=", "refresh="].map((name) =>
    headers.getSetCookie().find((cookie) => cookie.startsWith(name)),
  );
  expect(auth).toMatch(/httponly/i);
  expect(refresh).toMatch(/httponly/i);
  expect(refresh).toMatch(/path=\/api\/auth/i);
  for (const cookie of [auth, refresh]) expect(cookie).toMatch(/samesite=(lax|strict)/i);
});

test("behind https the cookies are Secure, and the access token is bound to the host", async () => {
  await using secure = await startGoChat({ settings: { publicUrl: new URL("https://chat.example.org") } });
  const bob = await secure.signUp("bob");
  const { headers } = await secure.guest().request("POST", "/api/auth/signin", {
    email: bob.email,
    password: bob.password,
  });
  const cookies = headers.getSetCookie();
  expect(cookies.some((cookie) => cookie.startsWith("__Host-auth="))).toBe(true);
  for (const cookie of cookies) expect(cookie).toMatch(/; secure/i);
  expect(headers.get("strict-transport-security")).toContain("max-age=");
});
