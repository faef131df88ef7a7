import type { Message } from "@gochat/contracts/http/conversations";
import { describe, expect, it } from "vitest";
import { type ConversationLog, unknownLog } from "../../state/conversation-log.ts";
import { buildRows, type Row } from "./rows.ts";

const noon = new Date(2026, 5, 17, 12, 0).getTime();
const minute = 60_000;
const message = (seq: number, senderId: string, at: number): Message => ({
  conversationId: "conversation",
  seq,
  id: `id-${seq}`,
  senderId,
  body: `text ${seq}`,
  createdAt: new Date(at).toISOString(),
  digest: "",
});
const logOf = (...messages: Message[]): ConversationLog => ({
  ...unknownLog,
  from: 1,
  applied: messages.length,
  messages,
});
const build = (log: ConversationLog, more: { readByOther?: number; newAfter?: number } = {}) =>
  buildRows({ log, me: "ana", readByOther: 0, newAfter: Number.POSITIVE_INFINITY, ...more });
const flagged = (rows: Row[], flag: "startsDay" | "startsGroup" | "isFirstNew" | "isReadUpTo") =>
  rows.filter((row) => row[flag]).map(({ seq }) => seq);

describe("the rows of a conversation", () => {
  it("group what one person wrote in one go", () => {
    const rows = build(
      logOf(
        message(1, "ana", noon),
        message(2, "ana", noon + minute),
        message(3, "bob", noon + 2 * minute),
        message(4, "bob", noon + 20 * minute),
      ),
    );
    expect(flagged(rows, "startsGroup")).toEqual([1, 3, 4]);
    expect(flagged(rows, "startsDay")).toEqual([1]);
  });

  it("begin each day anew", () => {
    const rows = build(logOf(message(1, "ana", noon), message(2, "ana", noon + 24 * 60 * minute)));
    expect(flagged(rows, "startsDay")).toEqual([1, 2]);
  });

  it("begin one anew for what a clock behind ours wrote the day before", () => {
    const pending = { id: "id-2", senderId: "ana", body: "late", writtenAt: noon - 24 * 60 * minute };
    const log = { ...logOf(message(1, "bob", noon)), pending: [{ ...pending, state: "sending" }] };
    const rows = build(log as unknown as ConversationLog);
    expect(rows.map(({ startsDay }) => startsDay)).toEqual([true, true]);
  });

  it("mark the first new message of the other, never one's own", () => {
    const log = logOf(
      message(1, "bob", noon),
      message(2, "ana", noon),
      message(3, "bob", noon),
      message(4, "bob", noon),
    );
    expect(flagged(build(log, { newAfter: 1 }), "isFirstNew")).toEqual([3]);
    expect(flagged(build(log), "isFirstNew")).toEqual([]);
  });

  it("say of one's own messages what is known of them, and nothing of others'", () => {
    const log = {
      ...logOf(message(1, "ana", noon), message(2, "bob", noon), message(3, "ana", noon)),
      pending: [
        { id: "a", senderId: "ana", body: "a", writtenAt: noon, state: "stored" as const },
        { id: "b", senderId: "ana", body: "b", writtenAt: noon, state: "sending" as const },
        {
          id: "c",
          senderId: "ana",
          body: "c",
          writtenAt: noon,
          state: "failed" as const,
          reason: "too long",
        },
      ],
    };
    const rows = build(log, { readByOther: 2 });
    expect(rows.map(({ state }) => state)).toEqual(["read", undefined, "sent", "sent", "sending", "failed"]);
    expect(rows.at(-1)?.reason).toBe("too long");
    expect(flagged(rows, "isReadUpTo")).toEqual([1]);
  });
});
