import { describe, expect, test } from "vitest";
import { createPasswordHasher } from "./password-hasher.ts";

describe("passwords", () => {
  test("are hashed with argon2id at the agreed cost, and salted", async () => {
    const hasher = createPasswordHasher();
    const [first, second] = await Promise.all([
      hasher.hash("four plain words"),
      hasher.hash("four plain words"),
    ]);
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(first).not.toBe(second);
    expect(await hasher.verify(first, "four plain words")).toBe(true);
    expect(await hasher.verify(first, "four plain word")).toBe(false);
  });

  test("are the same however their characters were composed", async () => {
    const hasher = createPasswordHasher();
    const passwordHash = await hasher.hash("caf\u00e9 cr\u00e8me");
    expect(await hasher.verify(passwordHash, "cafe\u0301 cre\u0300me")).toBe(true);
  });

  test("nobody's password is never right", async () => {
    expect(await createPasswordHasher().verify(undefined, "four plain words")).toBe(false);
  });
});
