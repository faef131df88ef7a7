import { describe, expect, test } from "vitest";
import { hashOfToken, newRefreshToken, sessionIdOf, successorOf } from "./refresh-token.ts";
import { describeDevice, judgeRefresh, knowsSession, type SessionState } from "./session.ts";

const sessionId = "0b0e7a5c-7d0e-4f44-9e39-0d6a3c7f3f11";
const secret = new Uint8Array(32).fill(7);
const first = newRefreshToken(sessionId);
const second = successorOf(first, secret);
const now = Date.parse("2030-01-01T00:00:00.000Z");
const day = 24 * 60 * 60 * 1000;

const rotated: SessionState = {
  tokenHash: hashOfToken(second),
  previousTokenHash: hashOfToken(first),
  rotatedAt: new Date(now),
  lastUsedAt: new Date(now),
  endedAt: null,
};

describe("a refresh token", () => {
  test("names its session, and so does its successor", () => {
    expect(sessionIdOf(first)).toBe(sessionId);
    expect(sessionIdOf(second)).toBe(sessionId);
  });

  test.each([undefined, "", "x", sessionId, `${sessionId}.short`, `${first}x`, `${first}.${first}`])(
    "%j is none",
    (text) => expect(sessionIdOf(text)).toBeUndefined(),
  );

  test("has one successor, which nobody finds without the secret", () => {
    expect(successorOf(first, secret)).toBe(second);
    expect(successorOf(first, new Uint8Array(32))).not.toBe(second);
  });
});

describe("given a session that was just rotated", () => {
  test("the current token rotates it", () => {
    expect(judgeRefresh(rotated, hashOfToken(second), now)).toBe("rotate");
  });

  test("the previous one gets the same answer for 20 seconds, then it is a theft", () => {
    expect(judgeRefresh(rotated, hashOfToken(first), now + 20_000)).toBe("repeat");
    expect(judgeRefresh(rotated, hashOfToken(first), now + 20_001)).toBe("reuse");
  });

  test("an older or invented token is a theft at once", () => {
    expect(judgeRefresh(rotated, hashOfToken(newRefreshToken(sessionId)), now)).toBe("reuse");
  });

  test("nothing helps once it has ended, or was left for 30 days", () => {
    expect(judgeRefresh({ ...rotated, endedAt: new Date(now) }, hashOfToken(second), now)).toBe("expired");
    expect(judgeRefresh(rotated, hashOfToken(second), now + 30 * day)).toBe("rotate");
    expect(judgeRefresh(rotated, hashOfToken(second), now + 30 * day + 1)).toBe("expired");
  });

  test("current and previous token may end it, an invented one may not", () => {
    expect(knowsSession(rotated, hashOfToken(first))).toBe(true);
    expect(knowsSession(rotated, hashOfToken(second))).toBe(true);
    expect(knowsSession(rotated, hashOfToken(newRefreshToken(sessionId)))).toBe(false);
  });
});

test("a device is shown short, and an IPv4 address as one", () => {
  expect(describeDevice({ userAgent: "x".repeat(1000), ip: "::ffff:192.0.2.7" })).toEqual({
    userAgent: "x".repeat(256),
    ip: "192.0.2.7",
  });
  expect(describeDevice({ userAgent: null, ip: "2001:db8::1" })).toEqual({
    userAgent: null,
    ip: "2001:db8::1",
  });
});
