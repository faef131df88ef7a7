import pg from "pg";
import { expect, test } from "vitest";
import { isTransient } from "./database.ts";

function serverError(code: string): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError("said by the server", 0, "error"), { code, severity: "ERROR" });
}

function systemError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
}

test.each([
  ["40001", "serialization failure"],
  ["40P01", "deadlock"],
  ["53100", "disk full"],
  ["53300", "too many connections"],
  ["55P03", "lock not available"],
  ["57014", "statement timeout"],
  ["57P01", "shutting down"],
  ["57P03", "starting up"],
  ["58030", "I/O error"],
  ["25006", "read-only after a fail-over"],
  ["08006", "connection failure"],
])("%s (%s) is worth another attempt", (code) => {
  expect(isTransient(serverError(code))).toBe(true);
});

test.each([
  ["23505", "unique violation"],
  ["22P02", "invalid text"],
  ["22021", "a NUL byte"],
  ["42P01", "no such table"],
  ["42501", "permission denied"],
  ["08P01", "protocol violation, such as a missing parameter"],
  ["40002", "a deferred constraint"],
  ["57P04", "the database was dropped"],
])("%s (%s) will never work", (code) => {
  expect(isTransient(serverError(code))).toBe(false);
});

test("what the network says is worth another attempt", () => {
  expect(isTransient(systemError("ECONNREFUSED", "connect"))).toBe(true);
  expect(isTransient(systemError("ECONNRESET", "read"))).toBe(true);
  expect(isTransient(systemError("ENOENT", "connect"))).toBe(true);
  expect(isTransient(new AggregateError([systemError("ECONNREFUSED", "connect")]))).toBe(true);
});

test("what the driver says without a code is worth another attempt", () => {
  expect(isTransient(new Error("Connection terminated unexpectedly"))).toBe(true);
  expect(isTransient(new Error("timeout exceeded when trying to connect"))).toBe(true);
  expect(isTransient(new Error("Query read timeout"))).toBe(true);
  expect(isTransient(new Error("not stored", { cause: serverError("40001") }))).toBe(true);
});

test("anything else is a mistake that another attempt repeats", () => {
  expect(isTransient(systemError("ENOENT", "open"))).toBe(false);
  expect(isTransient(new TypeError("Connection is not a function"))).toBe(false);
  expect(isTransient(new Error("No such conversation"))).toBe(false);
  expect(isTransient("40001")).toBe(false);
  expect(isTransient(undefined)).toBe(false);
});
