import { extendDigest, firstDigest, toBase64 } from "@gochat/contracts/digest";
import type { Message } from "@gochat/contracts/http/conversations";
import { describe, expect, it } from "vitest";
import { checkDigests, nothingChecked } from "./integrity.ts";

const conversationId = "00000000-0000-8000-8000-000000000003";
const uuid = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

/** A log with a chain that fits. */
const log: readonly Message[] = (() => {
  let digest = firstDigest(conversationId);
  return Array.from({ length: 40 }, (_, index) => {
    const seq = index + 1;
    const message = { seq, senderId: uuid(seq % 2), id: uuid(seq), body: `text ${seq}` };
    digest = extendDigest(digest, message);
    const createdAt = new Date(seq).toISOString();
    return { conversationId, ...message, createdAt, digest: toBase64(digest) };
  });
})();
const stretch = (from: number, to: number) => log.slice(from - 1, to);
const check = (messages: readonly Message[], before = nothingChecked) =>
  checkDigests(before, conversationId, messages);
const altered = (at: number, change: Partial<Message>) =>
  log.map((message) => (message.seq === at ? { ...message, ...change } : message));

describe("the record of a conversation", () => {
  it("fits from the first message on, and from any other", () => {
    expect(check(log)).toEqual({ from: 1, to: 40, brokenAt: null });
    expect(check(stretch(20, 30))).toEqual({ from: 20, to: 30, brokenAt: null });
    expect(check([])).toEqual(nothingChecked);
  });

  it.each([
    ["another body", { body: "text 10 " }],
    ["another sender", { senderId: uuid(77) }],
    ["another id", { id: uuid(77) }],
    ["what is no digest", { digest: "%" }],
  ])("breaks where a message has %s", (_what, change) => {
    expect(check(altered(10, change)).brokenAt).toBe(10);
  });

  it("breaks behind a message that was taken out", () => {
    const without = log.filter(({ seq }) => seq !== 10).map((m, index) => ({ ...m, seq: index + 1 }));
    expect(check(without).brokenAt).toBe(10);
  });

  it("breaks at the first message of another conversation's log", () => {
    expect(checkDigests(nothingChecked, uuid(9), log).brokenAt).toBe(1);
  });

  it("is checked where it grows, at either end, over the seam too", () => {
    const held = check(stretch(20, 30));
    expect(check(stretch(10, 40), held)).toEqual({ from: 10, to: 40, brokenAt: null });
    const newer = altered(31, { body: "else" }).slice(19, 40);
    expect(check(newer, held).brokenAt).toBe(31);
    const older = altered(19, { digest: log[0]!.digest }).slice(9, 30);
    expect(check(older, held).brokenAt).toBe(19);
  });

  it("is whole again once what was fetched again fits", () => {
    const broken = check(altered(10, { body: "else" }));
    expect(check(log, broken)).toEqual({ from: 1, to: 40, brokenAt: null });
  });

  it("is not checked twice", () => {
    const held = check(stretch(1, 30));
    // A message that was checked before is not looked at again: this one would not fit.
    expect(check(altered(10, { body: "else" }), held).brokenAt).toBeNull();
  });
});
