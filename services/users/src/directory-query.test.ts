import { describe, expect, test } from "vitest";
import { canBePrefix, readDirectoryQuery, writeCursor } from "./directory-query.ts";

const position = { online: true, username: "ana", id: "0b0e7a5c-7d0e-4f44-9e39-0d6a3c7f3f11" };
const encode = (content: unknown) => Buffer.from(JSON.stringify(content)).toString("base64url");

describe("a query of the directory", () => {
  test("shows online people first unless asked otherwise", () => {
    expect(readDirectoryQuery({})).toEqual({
      sort: "status",
      direction: "desc",
      prefix: "",
      limit: 20,
      after: undefined,
    });
    expect(readDirectoryQuery({ sort: "username" }).direction).toBe("asc");
    expect(readDirectoryQuery({ sort: "username", direction: "desc" }).direction).toBe("desc");
  });

  test("folds the prefix", () => {
    expect(readDirectoryQuery({ q: "An" }).prefix).toBe("an");
  });

  test("goes on after its cursor", () => {
    const query = readDirectoryQuery({ q: "an" });
    expect(readDirectoryQuery({ q: "AN", cursor: writeCursor(query, position) }).after).toEqual(position);
  });
});

describe("a cursor is refused", () => {
  const query = readDirectoryQuery({ q: "an" });
  const cursor = writeCursor(query, position);
  const good = { s: "status", d: "desc", q: "", o: true, u: "ana", i: position.id };

  test.each([
    ["for another prefix", { q: "b", cursor }],
    ["for another sort", { q: "an", sort: "username", direction: "desc", cursor }],
    ["for another direction", { q: "an", direction: "asc", cursor }],
    ["that is no JSON", { cursor: "abc" }],
    ["that is no object", { cursor: encode(null) }],
    ["that is a list", { cursor: encode([]) }],
    ["with a field too many", { cursor: encode({ ...good, x: 1 }) }],
    ["without an id", { cursor: encode({ ...good, i: undefined }) }],
    ["with a bad id", { cursor: encode({ ...good, i: "1" }) }],
    ["with a NUL", { cursor: encode({ ...good, u: "a\0" }) }],
    ["with a wrong type", { cursor: encode({ ...good, o: "true" }) }],
  ] as const)("%s", (_why, asked) => {
    expect(() => readDirectoryQuery(asked)).toThrow(
      expect.objectContaining({
        code: "INVALID_INPUT",
        fields: [{ path: "/cursor", message: expect.any(String) }],
      }),
    );
  });

  test("but not the good one", () => {
    expect(readDirectoryQuery({ cursor: encode(good) }).after).toEqual(position);
  });
});

test.each([
  ["", true],
  ["an.a-_9", true],
  ["%", false],
  ["a b", false],
  ["ä", false],
  ["\0", false],
])("%j may begin a username: %j", (prefix, expected) => {
  expect(canBePrefix(prefix)).toBe(expected);
});
