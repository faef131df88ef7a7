import { randomUUID } from "node:crypto";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import type { Person } from "@gochat/testing/people";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** The tests move this clock; nothing waits for the real one. */
let now = Date.now();
const pass = (seconds: number) => {
  now += seconds * 1000;
};
const day = 24 * 60 * 60;

let gochat: GoChat;
beforeAll(async () => {
  gochat = await startGoChat({ services: ["auth"], clock: () => now });
});
afterAll(() => gochat[Symbol.asyncDispose]());

const ana = () => gochat.signUp(`ana-${randomUUID().slice(0, 8)}`);
const currentUser = (person: Person) => person.request("GET", "/api/auth/currentuser");
const refresh = (person: Person) => person.request("POST", "/api/auth/refresh");
const refreshToken = (cookie: string) => /refresh=([^;]+)/.exec(cookie)?.[1];

/** The same person on another device: a session of its own. */
async function onAnotherDevice(person: Person): Promise<Person> {
  const device = gochat.guest();
  const { email, password } = person;
  const { status } = await device.request("POST", "/api/auth/signin", { email, password });
  expect(status).toBe(200);
  return device;
}

/** Asks with cookies that were kept, as a thief or a slow tab would. */
function withCookie(cookie: string): Person {
  const thief = gochat.guest();
  thief.cookie = cookie;
  return thief;
}

describe("refresh", () => {
  test("rotates both tokens and carries the session on", async () => {
    const person = await ana();
    const before = person.cookie;
    pass(9 * 60);
    expect((await refresh(person)).status).toBe(204);
    expect(refreshToken(person.cookie)).not.toBe(refreshToken(before));
    pass(5 * 60);
    expect((await currentUser(person)).status).toBe(200);
    expect((await currentUser(withCookie(before))).status).toBe(401);
  });

  test("gives the previous token the same successor for 20 s: a lost answer, two tabs", async () => {
    const person = await ana();
    const [one, two] = [withCookie(person.cookie), withCookie(person.cookie)];
    const answers = await Promise.all([refresh(one), refresh(two)]);
    expect(answers.map(({ status }) => status)).toEqual([204, 204]);
    pass(19);
    await refresh(person);
    expect(refreshToken(one.cookie)).toBe(refreshToken(person.cookie));
    expect(refreshToken(two.cookie)).toBe(refreshToken(person.cookie));
    expect((await refresh(one)).status).toBe(204);
  });

  test("a token used again after that ends the session for the thief and the robbed", async () => {
    const person = await ana();
    const thief = withCookie(person.cookie);
    await refresh(person);
    pass(21);
    const answer = await refresh(thief);
    expect(answer).toMatchObject({ status: 401, body: { code: "SESSION_EXPIRED" } });
    expect(thief.cookie).toBe("");
    expect((await currentUser(person)).status).toBe(401);
    expect((await refresh(person)).body.code).toBe("SESSION_EXPIRED");
  });

  test("a token older than the previous one ends it at once", async () => {
    const person = await ana();
    const thief = withCookie(person.cookie);
    await refresh(person);
    await refresh(person);
    expect((await refresh(thief)).status).toBe(401);
    expect((await currentUser(person)).status).toBe(401);
  });

  test.each([
    ["no token", ""],
    ["a token that is none", "refresh=abc"],
    ["a token of a session that is none", `refresh=${randomUUID()}.${"A".repeat(43)}`],
  ])("refuses %s and clears the cookies", async (_what, cookie) => {
    const answer = await refresh(withCookie(cookie));
    expect(answer).toMatchObject({ status: 401, body: { code: "SESSION_EXPIRED" } });
    const cleared = answer.headers.getSetCookie();
    expect(cleared).toEqual([
      expect.stringMatching(/^auth=;.*Path=\/;/),
      expect.stringMatching(/^refresh=;.*Path=\/api\/auth/),
    ]);
  });

  test("a session that nobody used for 30 days has ended", async () => {
    const person = await ana();
    pass(30 * day - 1);
    expect((await refresh(person)).status).toBe(204);
    pass(30 * day + 1);
    expect((await refresh(person)).body.code).toBe("SESSION_EXPIRED");
  });
});

describe("sign-out", () => {
  test("ends this session at once, and only this one", async () => {
    const person = await ana();
    const phone = await onAnotherDevice(person);
    const kept = person.cookie;
    expect((await person.request("POST", "/api/auth/signout")).status).toBe(204);
    expect(person.cookie).toBe("");
    expect((await currentUser(withCookie(kept))).status).toBe(401);
    expect((await refresh(withCookie(kept))).body.code).toBe("SESSION_EXPIRED");
    expect((await currentUser(phone)).status).toBe(200);
  });

  test("works with an access token that is over, by the refresh token", async () => {
    const person = await ana();
    const kept = person.cookie;
    pass(11 * 60);
    expect((await person.request("POST", "/api/auth/signout")).status).toBe(204);
    expect((await refresh(withCookie(kept))).body.code).toBe("SESSION_EXPIRED");
  });

  test("of nobody is fine, and an invented refresh token ends nobody's session", async () => {
    const person = await ana();
    expect((await gochat.guest().request("POST", "/api/auth/signout")).status).toBe(204);
    const sessionId = refreshToken(person.cookie)!.split(".")[0];
    const stranger = withCookie(`refresh=${sessionId}.${"A".repeat(43)}`);
    expect((await stranger.request("POST", "/api/auth/signout")).status).toBe(204);
    expect((await currentUser(person)).status).toBe(200);
  });
});

describe("the list of sessions", () => {
  test("shows each device, which one asks, and when it was last used", async () => {
    const person = await ana();
    const start = new Date(now).toISOString();
    pass(60);
    const phone = gochat.guest();
    const { email, password } = person;
    await phone.request("POST", "/api/auth/signin", { email, password }, { "user-agent": "Phone/1.0" });
    pass(60);
    await refresh(person);
    const { body } = await phone.request("GET", "/api/auth/sessions");
    expect(body.sessions).toEqual([
      {
        id: expect.any(String),
        createdAt: start,
        lastUsedAt: new Date(now).toISOString(),
        userAgent: expect.any(String),
        ip: expect.stringMatching(/^(127\.0\.0\.1|::1)$/),
        current: false,
      },
      {
        id: expect.any(String),
        createdAt: new Date(now - 60_000).toISOString(),
        lastUsedAt: new Date(now - 60_000).toISOString(),
        userAgent: "Phone/1.0",
        ip: expect.any(String),
        current: true,
      },
    ]);
  });

  test("is where a lost device is signed out", async () => {
    const person = await ana();
    const lost = await onAnotherDevice(person);
    const { body } = await person.request("GET", "/api/auth/sessions");
    const { id } = body.sessions.find(({ current }: { current: boolean }) => !current);
    expect((await person.request("DELETE", `/api/auth/sessions/${id}`)).status).toBe(204);
    expect((await currentUser(lost)).status).toBe(401);
    expect((await currentUser(person)).status).toBe(200);
    expect((await person.request("DELETE", `/api/auth/sessions/${id}`)).status).toBe(404);
  });

  test("somebody else's session does not exist, to the byte", async () => {
    const person = await ana();
    const stranger = await ana();
    const { body } = await person.request("GET", "/api/auth/sessions");
    const others = await stranger.request("DELETE", `/api/auth/sessions/${body.sessions[0].id}`);
    const unknown = await stranger.request("DELETE", `/api/auth/sessions/${randomUUID()}`);
    expect(others.status).toBe(404);
    expect(others.body).toEqual(unknown.body);
    expect((await currentUser(person)).status).toBe(200);
    expect((await stranger.request("DELETE", "/api/auth/sessions/1")).status).toBe(400);
  });

  test("never grows past a hundred: the least recently used ends", async () => {
    const person = await ana();
    const phone = await onAnotherDevice(person);
    await gochat.database("auth").query(
      `INSERT INTO sessions (id, user_id, token_hash, access_until, created_at, last_used_at)
       SELECT gen_random_uuid(), $1, '\\x00', $2, $2, $2 FROM generate_series(1, 98)`,
      [person.id, new Date(now + 1000)],
    );
    pass(2);
    await refresh(phone);
    const newest = await onAnotherDevice(person);
    const { body } = await newest.request("GET", "/api/auth/sessions");
    expect(body.sessions).toHaveLength(100);
    expect((await currentUser(person)).status).toBe(401);
    expect((await currentUser(phone)).status).toBe(200);
  });
});

describe("a changed password", () => {
  const newPassword = "five other plain words";

  test("ends every other session and keeps this one", async () => {
    const person = await ana();
    const phone = await onAnotherDevice(person);
    const change = { currentPassword: person.password, newPassword };
    expect((await person.request("POST", "/api/auth/password", change)).status).toBe(204);
    expect((await currentUser(phone)).status).toBe(401);
    expect((await refresh(phone)).status).toBe(401);
    expect((await currentUser(person)).status).toBe(200);
    expect((await refresh(person)).status).toBe(204);
    const signIn = (password: string) =>
      gochat.guest().request("POST", "/api/auth/signin", { email: person.email, password });
    expect((await signIn(person.password)).status).toBe(401);
    expect((await signIn(newPassword)).status).toBe(200);
  });

  test("needs the current one, and a good new one", async () => {
    const person = await ana();
    const change = (currentPassword: string, next: string) =>
      person.request("POST", "/api/auth/password", { currentPassword, newPassword: next });
    expect(await change("not the password", newPassword)).toMatchObject({
      status: 403,
      body: { code: "WRONG_PASSWORD" },
    });
    for (const bad of ["football", "short", person.username]) {
      expect((await change(person.password, bad)).body).toMatchObject({
        code: "INVALID_INPUT",
        errors: [{ path: "/newPassword" }],
      });
    }
    expect((await gochat.guest().request("POST", "/api/auth/password", {})).status).toBe(401);
  });

  test("of two changes at once, one counts", async () => {
    const person = await ana();
    const answers = await Promise.all(
      ["first new password", "second new password"].map((next) =>
        person.request("POST", "/api/auth/password", { currentPassword: person.password, newPassword: next }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 403]);
  });
});
