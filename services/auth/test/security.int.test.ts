import { randomUUID } from "node:crypto";
import { createKeys } from "@gochat/runtime/keys";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import { accessToken, type Person } from "@gochat/testing/people";
import { decodeJwt, decodeProtectedHeader, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let gochat: GoChat;
beforeAll(async () => {
  gochat = await startGoChat({ services: ["auth"] });
});
afterAll(() => gochat[Symbol.asyncDispose]());

const unique = (name: string) => `${name}-${randomUUID().slice(0, 8)}`;
const accessOf = (person: Person) => /auth=([^;]+)/.exec(person.cookie)![1]!;
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

async function statusWith(token: string, path = "/api/auth/currentuser") {
  const somebody = gochat.guest();
  somebody.cookie = `auth=${token}`;
  return (await somebody.request("GET", path)).status;
}

describe("an access token", () => {
  test("says who, for at most ten minutes, and which key signed it", async () => {
    const ana = await gochat.signUp(unique("ana"));
    const claims = decodeJwt(accessOf(ana));
    expect(Object.keys(claims).sort()).toEqual(["exp", "iat", "sid", "sub", "username"]);
    expect(claims).toMatchObject({ sub: ana.id, username: ana.username });
    expect(claims.exp! - claims.iat!).toBeLessThanOrEqual(600);
    const { body } = await gochat.guest().request("GET", "/api/auth/jwks.json");
    expect(decodeProtectedHeader(accessOf(ana))).toEqual({ alg: "EdDSA", kid: body.keys[0].kid });
  });

  test("is refused when another key signed it, whatever key it names", async () => {
    const ana = await gochat.signUp(unique("ana"));
    const { sid } = decodeJwt(accessOf(ana));
    const foreign = await createKeys();
    const { kid } = decodeProtectedHeader(accessOf(ana));
    const borrowed = { ...foreign, signing: { ...foreign.signing!, kid: kid! } };
    for (const keys of [foreign, borrowed]) {
      expect(await statusWith(await accessToken(keys, ana, Date.now(), sid as string))).toBe(401);
    }
  });

  test("is refused without a signature, or signed with the public key as a secret", async () => {
    const ana = await gochat.signUp(unique("ana"));
    const token = accessOf(ana);
    const [header, payload, signature] = token.split(".") as [string, string, string];
    const { kid } = decodeProtectedHeader(token);
    expect(await statusWith(`${base64url({ alg: "none", kid })}.${payload}.`)).toBe(401);
    expect(await statusWith(`${header}.${payload}.`)).toBe(401);
    const { body } = await gochat.guest().request("GET", "/api/auth/jwks.json");
    const symmetric = await new SignJWT(decodeJwt(token))
      .setProtectedHeader({ alg: "HS256", kid: kid! })
      .sign(Buffer.from(body.keys[0].x, "base64url"));
    expect(await statusWith(symmetric)).toBe(401);
    const other = base64url({ ...decodeJwt(token), sub: randomUUID() });
    expect(await statusWith(`${header}.${other}.${signature}`)).toBe(401);
    expect(await statusWith(token)).toBe(200);
  });

  test.each(["", "x", "a.b.c", "..", "%00", "é".repeat(10)])("%j is none", async (token) => {
    expect(await statusWith(encodeURIComponent(token))).toBe(401);
  });

  test("fails everywhere at once after a sign-out", async () => {
    const ana = await gochat.signUp(unique("ana"));
    const stolen = accessOf(ana);
    expect(await statusWith(stolen)).toBe(200);
    await ana.request("POST", "/api/auth/signout");
    for (const path of ["/api/auth/currentuser", "/api/auth/sessions"]) {
      expect(await statusWith(stolen, path)).toBe(401);
    }
  });

  test("ends with its time", async () => {
    let now = Date.now();
    await using later = await startGoChat({ services: ["auth"], clock: () => now });
    const ana = await later.signUp("ana");
    now += 599_000;
    expect((await ana.request("GET", "/api/auth/currentuser")).status).toBe(200);
    now += 1_000;
    expect((await ana.request("GET", "/api/auth/currentuser")).status).toBe(401);
  });
});

describe("guessing", () => {
  test("one e-mail's password ends after ten tries, known or not, and other people notice nothing", async () => {
    let now = Date.now();
    await using guarded = await startGoChat({
      services: ["auth"],
      settings: { rateLimits: true },
      clock: () => now,
    });
    const ana = await guarded.signUp("ana");
    const bob = await guarded.signUp("bob");
    const signIn = (email: string, password: string) =>
      guarded.guest().request("POST", "/api/auth/signin", { email, password });

    for (const email of [ana.email, "nobody@example.org"]) {
      const guesses = await Promise.all(
        Array.from({ length: 11 }, (_, index) => signIn(email, `guess ${index}`)),
      );
      expect(guesses.map(({ status }) => status).sort()).toEqual([...Array(10).fill(401), 429]);
    }
    const refused = await signIn(ana.email, ana.password);
    expect(refused).toMatchObject({ status: 429, body: { code: "RATE_LIMITED" } });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(800);
    expect((await signIn(bob.email, bob.password)).status).toBe(200);

    now += 15 * 60 * 1000 + 1;
    expect((await signIn(ana.email, ana.password)).status).toBe(200);
  });

  test("is forgotten with the right password", async () => {
    await using guarded = await startGoChat({ services: ["auth"], settings: { rateLimits: true } });
    const ana = await guarded.signUp("ana");
    const signIn = async (password: string) =>
      (await guarded.guest().request("POST", "/api/auth/signin", { email: ana.email, password })).status;
    for (let round = 0; round < 2; round++) {
      for (let guess = 0; guess < 9; guess++) expect(await signIn("not the password")).toBe(401);
      expect(await signIn(ana.password)).toBe(200);
    }
  });
});

test("an unknown e-mail takes as long as a wrong password", async () => {
  const ana = await gochat.signUp(unique("ana"));
  const times = { known: [] as number[], unknown: [] as number[] };
  for (let round = 0; round < 9; round++) {
    for (const [kind, email] of [
      ["known", ana.email],
      ["unknown", `${unique("nobody")}@example.org`],
    ] as const) {
      const start = performance.now();
      await gochat.guest().request("POST", "/api/auth/signin", { email, password: "not the password" });
      times[kind].push(performance.now() - start);
    }
  }
  const median = (list: number[]) => list.sort((a, b) => a - b)[4]!;
  // Without the hash an answer would take a tenth of the time.
  expect(median(times.unknown) / median(times.known)).toBeGreaterThan(0.4);
  expect(median(times.unknown) / median(times.known)).toBeLessThan(2.5);
});

test("a sign-in with the old password that meets a change of it leaves no session", async () => {
  const ana = await gochat.signUp(unique("ana"));
  const signIn = () =>
    gochat.guest().request("POST", "/api/auth/signin", { email: ana.email, password: ana.password });
  const change = { currentPassword: ana.password, newPassword: "five other plain words" };
  await Promise.all([signIn(), ana.request("POST", "/api/auth/password", change), signIn(), signIn()]);
  const { body } = await ana.request("GET", "/api/auth/sessions");
  expect(body.sessions).toMatchObject([{ current: true }]);
});
