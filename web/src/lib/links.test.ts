import { describe, expect, it } from "vitest";
import { splitLinks } from "./links.ts";

const hrefs = (body: string) => splitLinks(body).flatMap(({ href }) => (href ? [href] : []));

describe("splitLinks", () => {
  it("leaves plain text alone", () => {
    expect(splitLinks("hello\nthere")).toEqual([{ text: "hello\nthere" }]);
  });

  it("finds addresses and keeps every character", () => {
    const body = "see https://example.org/a?b=c#d, and http://localhost:3000.";
    expect(hrefs(body)).toEqual(["https://example.org/a?b=c#d", "http://localhost:3000"]);
    expect(
      splitLinks(body)
        .map(({ text }) => text)
        .join(""),
    ).toBe(body);
  });

  it("keeps a bracket that the address opened and leaves one that the sentence opened", () => {
    expect(hrefs("(https://example.org/a_(b))")).toEqual(["https://example.org/a_(b)"]);
    expect(hrefs("(https://example.org/a)")).toEqual(["https://example.org/a"]);
  });

  it.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "https://",
    "xhttps://example.org",
  ])("makes no link of %s", (body) => {
    expect(hrefs(body)).toEqual([]);
  });
});
