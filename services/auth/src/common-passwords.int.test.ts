import { describe, expect, test } from "vitest";
import { createCommonPasswords, loadCommonPasswords } from "./common-passwords.ts";

describe("common passwords", () => {
  test.each(["12345678", "password", "qwertyuiop", "football"])("%s is one", async (password) => {
    const isCommon = await loadCommonPasswords();
    expect(isCommon(password)).toBe(true);
  });

  test.each(["wertyuio", "correct horse battery", '","password', '8","qwerty', "\\"])(
    "%j is none, though it may be a part of the list",
    async (password) => {
      const isCommon = await loadCommonPasswords();
      expect(isCommon(password)).toBe(false);
    },
  );

  test("the list is read once, and again after a failure", async () => {
    let reads = 0;
    const commonPasswords = createCommonPasswords(async () => {
      reads++;
      if (reads === 1) throw new Error("disk");
      return () => true;
    });
    await expect(commonPasswords()).rejects.toThrow("disk");
    await commonPasswords();
    await commonPasswords();
    expect(reads).toBe(2);
  });
});
