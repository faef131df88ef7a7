import { randomUUID } from "node:crypto";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let gochat: GoChat;
beforeAll(async () => {
  gochat = await startGoChat({ services: ["auth"] });
});
afterAll(() => gochat[Symbol.asyncDispose]());

const unique = (name: string) => `${name}-${randomUUID().slice(0, 8)}`;

function newAccount() {
  const username = unique("ana");
  return { email: `${username}@example.org`, username, password: "four plain words" };
}

describe("sign-up", () => {
  test("makes an account and signs in", async () => {
    const ana = gochat.guest();
    const account = newAccount();
    const { status, body, headers } = await ana.request("POST", "/api/auth/signup", account);
    const { email, username } = account;
    expect(status).toBe(201);
    expect(body).toEqual({ user: { id: expect.stringMatching(/^[0-9a-f-]{36}$/), username, email } });
    const [access, refresh] = headers.getSetCookie();
    expect(access).toMatch(/^auth=[^;]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(refresh).toMatch(/^refresh=[^;]+; Max-Age=2592000; Path=\/api\/auth; HttpOnly; SameSite=Strict$/);
    expect((await ana.request("GET", "/api/auth/currentuser")).body).toEqual(body);
  });

  test("folds username and e-mail, and finds them taken in any case", async () => {
    const account = newAccount();
    const shouted = {
      ...account,
      email: account.email.toUpperCase(),
      username: account.username.toUpperCase(),
    };
    const first = await gochat.guest().request("POST", "/api/auth/signup", shouted);
    expect(first.body.user).toMatchObject({ username: account.username, email: account.email });
    const others = [
      { ...account, email: `${unique("bob")}@example.org`, username: shouted.username },
      { ...account, email: shouted.email, username: unique("bob") },
    ];
    for (const other of others) {
      const answer = await gochat.guest().request("POST", "/api/auth/signup", other);
      expect(answer).toMatchObject({ status: 409, body: { code: "EMAIL_OR_USERNAME_TAKEN" } });
    }
  });

  test("of two at once for one name, one is made", async () => {
    const account = newAccount();
    const answers = await Promise.all(
      [1, 2, 3].map(() => gochat.guest().request("POST", "/api/auth/signup", account)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  test.each([
    ["a reserved username", { username: "Admin" }, "/username"],
    ["a short username", { username: "ab" }, "/username"],
    ["a username that ends with a dot", { username: "ana." }, "/username"],
    ["a username with a space", { username: "a na" }, "/username"],
    ["a common password", { password: "Football" }, "/password"],
    ["a short password", { password: "1234567" }, "/password"],
    ["a long password", { password: "x".repeat(257) }, "/password"],
    ["no password", { password: undefined }, "/password"],
    ["an e-mail that is none", { email: "ana" }, "/email"],
    ["an e-mail with a NUL", { email: "a\0@example.org" }, "/email"],
    ["a lone surrogate", { password: "four plain \ud800" }, "/password"],
    ["an unknown field", { admin: true }, "/admin"],
  ])("refuses %s", async (_what, change, path) => {
    const answer = await gochat.guest().request("POST", "/api/auth/signup", { ...newAccount(), ...change });
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe("INVALID_INPUT");
    expect(answer.body.errors).toContainEqual({ path, message: expect.any(String) });
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test("refuses a password that says who they are", async () => {
    const account = newAccount();
    for (const password of [account.username.toUpperCase(), account.email]) {
      const answer = await gochat.guest().request("POST", "/api/auth/signup", { ...account, password });
      expect(answer.body).toMatchObject({ code: "INVALID_INPUT", errors: [{ path: "/password" }] });
    }
  });

  test("keeps no password, and no token, that could be read", async () => {
    const ana = await gochat.signUp(unique("ana"));
    const rows = await gochat
      .database("auth")
      .query(
        "SELECT a::text AS account, s::text AS session FROM accounts a JOIN sessions s ON s.user_id = a.id",
      );
    const stored = JSON.stringify(rows);
    expect(stored).toContain(ana.id);
    expect(stored).not.toContain(ana.password);
    const refresh = /refresh=([^;]+)/.exec(ana.cookie)![1]!;
    expect(stored).not.toContain(refresh.split(".")[1]);
  });
});

describe("sign-in", () => {
  test("takes the e-mail in any case", async () => {
    const ana = await gochat.signUp(unique("ana"));
    const phone = gochat.guest();
    const answer = await phone.request("POST", "/api/auth/signin", {
      email: ana.email.toUpperCase(),
      password: ana.password,
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ user: { id: ana.id, username: ana.username, email: ana.email } });
    expect((await phone.request("GET", "/api/auth/currentuser")).status).toBe(200);
  });

  test("answers the same to an unknown e-mail and a wrong password", async () => {
    const ana = await gochat.signUp(unique("ana"));
    const signIn = (email: string, password: string) =>
      gochat.guest().request("POST", "/api/auth/signin", { email, password });
    const wrong = await signIn(ana.email, "not the password");
    const unknown = await signIn(`${unique("nobody")}@example.org`, "not the password");
    const nonsense = await signIn("no e-mail at all", "not the password");
    expect(wrong).toMatchObject({ status: 401, body: { code: "INVALID_CREDENTIALS" } });
    expect(unknown.body).toEqual(wrong.body);
    expect(nonsense.body).toEqual(wrong.body);
  });
});

test("a guest has no current user", async () => {
  const answer = await gochat.guest().request("GET", "/api/auth/currentuser");
  expect(answer).toMatchObject({ status: 401, body: { code: "UNAUTHENTICATED" } });
});

test("the public keys are public, and nothing else is", async () => {
  const { body } = await gochat.guest().request("GET", "/api/auth/jwks.json");
  expect(body.keys).toEqual([
    {
      kty: "OKP",
      crv: "Ed25519",
      alg: "EdDSA",
      use: "sig",
      x: expect.any(String),
      kid: expect.any(String),
    },
  ]);
});

test("behind https the cookies are Secure, and the access token's is bound to the host", async () => {
  await using secure = await startGoChat({
    services: ["auth"],
    settings: { publicUrl: new URL("https://chat.example.org") },
  });
  const { headers } = await secure.guest().request("POST", "/api/auth/signup", newAccount());
  const [access, refresh] = headers.getSetCookie();
  expect(access).toMatch(/^__Host-auth=[^;]+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  expect(refresh).toMatch(/^refresh=.*; Secure; SameSite=Strict$/);
});
