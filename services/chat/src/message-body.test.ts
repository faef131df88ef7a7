import { describe, expect, test } from "vitest";
import { trimBody } from "./message-body.ts";

describe("a body", () => {
  test.each([
    ["is trimmed", "  hello \n", "hello"],
    ["keeps what is inside", "a\n\n  b", "a\n\n  b"],
    ["may have 4,000 characters", "x".repeat(4000), "x".repeat(4000)],
    ["counts code points, not units", "😀".repeat(4000), "😀".repeat(4000)],
    ["counts after trimming", ` ${"x".repeat(4000)} `, "x".repeat(4000)],
  ])("%s", (_name, text, body) => {
    expect(trimBody(text)).toBe(body);
  });

  test.each([
    ["nothing", ""],
    ["only spaces of all kinds", " \t\n\u00a0\u2003\ufeff"],
    ["4,001 characters", "x".repeat(4001)],
    ["4,001 wide characters", "😀".repeat(4001)],
    ["4,001 of both kinds", `${"😀".repeat(2000)}${"x".repeat(2001)}`],
  ])("of %s is invalid", (_name, text) => {
    expect(() => trimBody(text)).toThrow("INVALID_INPUT");
  });
});
