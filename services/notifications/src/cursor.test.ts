import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { decodeCursor, encodeCursor } from "./cursor.ts";

test("a cursor leads back to its position", () => {
  const position = { time: 1_700_000_000_123, id: randomUUID() };
  expect(encodeCursor(position)).toMatch(/^[A-Za-z0-9_-]+$/);
  expect(decodeCursor(encodeCursor(position))).toEqual(position);
});

test.each([
  "x",
  encodeCursor({ time: 1, id: "nobody" }),
  encodeCursor({ time: -1, id: randomUUID() }),
  encodeCursor({ time: 999_999_999_999_999, id: randomUUID() }),
  Buffer.from(`1 ${randomUUID()} more`).toString("base64url"),
])("%s is invalid input", (cursor) => {
  expect(() => decodeCursor(cursor)).toThrow("INVALID_INPUT");
});
