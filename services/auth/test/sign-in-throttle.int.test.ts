import { randomUUID } from "node:crypto";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { guardSignIn, throttle } from "../src/sign-in-throttle.ts";

let gochat: GoChat;
let email: string;
let now: number;

beforeAll(async () => {
  gochat = await startGoChat({ services: ["auth"] });
});
afterAll(() => gochat[Symbol.asyncDispose]());
beforeEach(() => {
  email = `${randomUUID()}@example.org`;
  now = Date.now();
});

type Answer = "right" | "wrong" | "refused";

async function tries(address: string, password: "right" | "wrong"): Promise<Answer> {
  const guarded = { email, address, now };
  try {
    const found = await guardSignIn(gochat.database("auth"), guarded, async () =>
      password === "right" ? true : undefined,
    );
    return found ? "right" : "wrong";
  } catch (error) {
    expect(error).toMatchObject({ code: "RATE_LIMITED" });
    return "refused";
  }
}

async function guesses(address: string, count: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let guess = 0; guess < count; guess++) answers.push(await tries(address, "wrong"));
  return answers;
}

test("whoever guesses from elsewhere keeps nobody out, however often", async () => {
  expect(await guesses("192.0.2.1", 300)).toEqual([
    ...Array(10).fill("wrong"),
    ...Array(290).fill("refused"),
  ]);
  expect(await tries("192.0.2.1", "right")).toBe("refused");
  expect(await tries("192.0.2.2", "right")).toBe("right");
  // The owner's success gives the guesser no new tries.
  expect(await tries("192.0.2.1", "wrong")).toBe("refused");
});

test("a hundred guesses from everywhere are the end, until the window is over", async () => {
  for (let network = 0; network < 10; network++) await guesses(`192.0.2.${network}`, 12);
  expect(await tries("198.51.100.1", "wrong")).toBe("refused");
  expect(await tries("198.51.100.1", "right")).toBe("refused");
  now += throttle.windowMs + 1;
  expect(await tries("198.51.100.1", "right")).toBe("right");
});

test("a hundred guesses from everywhere at once are no way around", async () => {
  const addresses = Array.from({ length: 120 }, (_, index) => `192.0.2.${index}`);
  const answers = await Promise.all(addresses.map((address) => tries(address, "wrong")));
  expect(answers.filter((answer) => answer === "wrong").length).toBeLessThanOrEqual(100);
});

test("the addresses of one IPv6 network count as one", async () => {
  for (let host = 1; host <= 10; host++) await tries(`2001:db8:1:2::${host}`, "wrong");
  expect(await tries("2001:db8:1:2::99", "wrong")).toBe("refused");
  expect(await tries("2001:db8:1:3::99", "wrong")).toBe("wrong");
});

test("an attempt that was not decided does not count", async () => {
  const broken = () =>
    guardSignIn(gochat.database("auth"), { email, address: "192.0.2.1", now }, () =>
      Promise.reject(new Error("no database")),
    );
  for (let round = 0; round < 20; round++) await expect(broken()).rejects.toThrow("no database");
  expect(await tries("192.0.2.1", "right")).toBe("right");
});
