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

  it("finds addresses without a protocol, and e-mail addresses", () => {
    expect(hrefs("see www.example.org/a, or ask ana.b@example.org.")).toEqual([
      "https://www.example.org/a",
      "mailto:ana.b@example.org",
    ]);
    expect(hrefs("https://ana@www.example.org/x@y.org")).toEqual(["https://ana@www.example.org/x@y.org"]);
  });

  it("takes a long word without an address in it in good time", () => {
    expect(hrefs(`${"a.".repeat(2_000)}@`)).toEqual([]);
    expect(hrefs(`${"a@a-".repeat(1_000)}`)).toEqual([]);
  });

  it.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "https://",
    "xhttps://example.org",
    "www.",
    "www..org",
    "ana@localhost",
    "@ana",
  ])("makes no link of %s", (body) => {
    expect(hrefs(body)).toEqual([]);
  });
});
