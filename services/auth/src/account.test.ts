import { GoChatError } from "@gochat/contracts/errors";
import { describe, expect, test } from "vitest";
import { foldNames, passwordErrors, refuseIfAny, usernameErrors } from "./account.ts";

describe("folding", () => {
  test("e-mail and username become lower case, the password stays", () => {
    expect(foldNames({ email: "Ana@Example.ORG", username: "Ana", password: "Secret Words" })).toEqual({
      email: "ana@example.org",
      username: "ana",
      password: "Secret Words",
    });
  });

  test.each([null, 7, "Ana", ["Ana"], { username: 7 }, {}])("%j is left for the schema to refuse", (body) => {
    expect(foldNames(body)).toEqual(body);
  });
});

describe("new accounts", () => {
  const rules = { path: "/password", username: "ana", email: "ana@example.org", isCommon: () => false };

  test("a reserved name is refused, one that contains it is not", () => {
    expect(usernameErrors("admin")).toEqual([{ path: "/username", message: expect.any(String) }]);
    expect(usernameErrors("admiral")).toEqual([]);
  });

  test.each(["ana@example.org", "ANA@example.org", "Ana"])(
    "the password %s says who they are",
    (password) => {
      expect(passwordErrors({ ...rules, password })).toEqual([
        { path: "/password", message: "must not be the username or the e-mail" },
      ]);
    },
  );

  test("a common password is refused in any case", () => {
    const isCommon = (password: string) => password === "password1";
    expect(passwordErrors({ ...rules, password: "PassWord1", isCommon })).toHaveLength(1);
    expect(passwordErrors({ ...rules, password: "PassWord2", isCommon })).toEqual([]);
  });

  test("the refusal names every wrong place", () => {
    expect(() => refuseIfAny([])).not.toThrow();
    const fields = [{ path: "/username", message: "is reserved" }];
    expect(() => refuseIfAny(fields)).toThrow(GoChatError);
    expect(() => refuseIfAny(fields)).toThrow(expect.objectContaining({ code: "INVALID_INPUT", fields }));
  });
});
