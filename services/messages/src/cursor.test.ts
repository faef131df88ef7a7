import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { decodeCursor, encodeCursor } from "./cursor.ts";

describe("the cursor of the list", () => {
  test("leads back to its place", () => {
    const position = { activity: "1767225600123456", id: randomUUID() };
    const cursor = encodeCursor(position);
    expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(decodeCursor(cursor)).toEqual(position);
    expect(decodeCursor(undefined)).toBeUndefined();
  });

  test.each([
    "x",
    "AAAA",
    encodeCursor({ activity: "1e9", id: randomUUID() }),
    encodeCursor({ activity: "1", id: "1" }),
  ])("that nobody gave is invalid: %s", (cursor) => {
    expect(() => decodeCursor(cursor)).toThrow("INVALID_INPUT");
  });
});
