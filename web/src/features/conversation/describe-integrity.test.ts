import type { Message } from "@gochat/contracts/http/conversations";
import { describe, expect, it } from "vitest";
import { clock } from "../../lib/time.ts";
import { describeIntegrity } from "./describe-integrity.ts";

const now = Date.parse("2026-06-17T15:00:00");
const message: Message = {
  conversationId: "conversation",
  seq: 57,
  id: "id",
  senderId: "ana",
  body: "text",
  createdAt: new Date(now - 3_600_000).toISOString(),
  digest: "AAAAAAD//////////////////////////////////w8=",
};
const whole = { newest: message, from: 1, brokenAt: undefined, isBehind: false };

describe("the record in words", () => {
  it("says up to when it is whole, and what to compare", () => {
    const { headline, comparison } = describeIntegrity(whole, now);
    expect(headline).toBe(`Complete and unaltered up to ${clock(message.createdAt)}`);
    expect(comparison).toEqual({ seq: 57, code: "0000 0000 ZZZZ" });
  });

  it("says what was not checked yet", () => {
    expect(describeIntegrity({ ...whole, from: 20 }, now).explanation).toContain("before number 20");
    expect(describeIntegrity({ ...whole, isBehind: true }, now).explanation).toContain("on their way");
  });

  it("says where it breaks, and compares nothing then", () => {
    const broken = describeIntegrity({ ...whole, brokenAt: { ...message, seq: 12 } }, now);
    expect(broken).toMatchObject({ brokenAt: 12, comparison: undefined });
    expect(broken.headline).toContain(clock(message.createdAt));
  });

  it("promises nothing of an empty conversation", () => {
    expect(describeIntegrity({ ...whole, newest: undefined }, now).headline).toBe("Nothing written yet");
  });
});
