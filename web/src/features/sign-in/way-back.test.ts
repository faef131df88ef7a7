import { expect, test } from "vitest";
import { signInPath, wayBack } from "./way-back.ts";

const conversation = "/c/00000000-0000-8000-8000-000000000003";

test("signing in leads back to the page of a person", () => {
  for (const page of [conversation, "/account"]) {
    const { searchParams } = new URL(signInPath(page), "http://localhost");
    expect(wayBack(searchParams)).toBe(page);
  }
  expect(signInPath("/")).toBe("/sign-in");
});

test.each(["", "/", "//example.org", "https://example.org/account", "/account?x", "javascript:alert(1)"])(
  "and never to %j",
  (to) => {
    expect(wayBack(new URLSearchParams({ to }))).toBeUndefined();
  },
);
