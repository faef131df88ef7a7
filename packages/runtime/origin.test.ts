import { expect, test } from "vitest";
import { isOwnOrigin } from "./origin.ts";

const publicUrl = new URL("https://chat.example.org");

test.each([
  ["http://localhost:3000", "localhost:3000", undefined, true],
  ["http://localhost:3001", "localhost:3000", undefined, false],
  ["http://chat.example.org", "chat.example.org:80", undefined, true],
  ["null", "localhost:3000", undefined, false],
  ["file://", "localhost:3000", undefined, false],
  ["http://localhost:3000/path", "localhost:3000", undefined, false],
  ["http://localhost:3000", undefined, undefined, false],
  ["https://chat.example.org", "10.0.0.7:3000", publicUrl, true],
  ["http://chat.example.org", "chat.example.org", publicUrl, false],
  ["https://chat.example.org.evil.example", "chat.example.org", publicUrl, false],
])("origin %s of a request to %s with PUBLIC_URL %s: own is %s", (origin, host, url, own) => {
  expect(isOwnOrigin(origin, host, url)).toBe(own);
});
