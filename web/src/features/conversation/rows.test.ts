import type { Message } from "@gochat/contracts/http/conversations";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ConversationLog, unknownLog } from "../../state/conversation-log.ts";
import { type BuiltRows, buildRows, extendRows, type Row, type RowsInput } from "./rows.ts";

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
const flagged = (rows: readonly Row[], flag: "startsDay" | "startsGroup" | "isFirstNew" | "isReadUpTo") =>
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

describe("rows that go on from those before", () => {
  const people = ["ana", "bob", "eve"];
  const step = fc.record({
    what: fc.constantFrom(
      "append",
      "append",
      "append",
      "prepend",
      "replace",
      "read",
      "look away",
      "write",
      "settle",
    ),
    count: fc.integer({ min: 1, max: 4 }),
    sender: fc.nat({ max: 2 }),
    // Within a group, past its gap, or on another day, which may be an earlier one.
    minutes: fc.constantFrom(0, 1, 6, 24 * 60, -24 * 60),
  });
  type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

  function after(input: RowsInput, { what, count, sender, minutes }: Step): RowsInput {
    const { log } = input;
    const { messages, pending } = log;
    const [first, last] = [messages[0]?.seq ?? 51, messages.at(-1)?.seq ?? 50];
    const at = new Date(messages.at(-1)?.createdAt ?? noon).getTime() + minutes * minute;
    const made = (from: number) =>
      Array.from({ length: count }, (_, index) =>
        message(from + index, people[(sender + index * count) % 2]!, at + index * minute),
      );
    const withLog = (change: Partial<ConversationLog>) => ({ ...input, log: { ...log, ...change } });
    if (what === "append") return withLog({ messages: [...messages, ...made(last + 1)] });
    if (what === "prepend") return withLog({ messages: [...made(first - count), ...messages] });
    if (what === "replace") {
      return withLog({ messages: messages.map((m) => (m.seq % 3 === sender ? { ...m, body: "else" } : m)) });
    }
    // A little past what is loaded: others may have read what has not come yet.
    if (what === "read") return { ...input, readByOther: last - 4 + sender * count };
    if (what === "look away") return { ...input, newAfter: sender === 0 ? Number.POSITIVE_INFINITY : last };
    if (what === "settle") return withLog({ pending: pending.slice(count) });
    const state = (["sending", "stored", "failed"] as const)[sender]!;
    const entry = { id: `own-${pending.length}`, senderId: "ana", body: "", writtenAt: at, state };
    return withLog({ pending: [...pending, state === "failed" ? { ...entry, reason: "no" } : entry] });
  }

  it("equal those that are built from scratch", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: "max" }), (steps) => {
        let input: RowsInput = {
          log: logOf(),
          me: "ana",
          readByOther: 0,
          newAfter: Number.POSITIVE_INFINITY,
        };
        let built: BuiltRows | undefined;
        for (const one of steps) {
          input = after(input, one);
          built = extendRows(built, input);
          expect(built.rows).toEqual(buildRows(input));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("are the very same where nothing changes with what was appended", () => {
    const log = logOf(message(1, "ana", noon), message(2, "bob", noon), message(3, "bob", noon));
    const input = { log, me: "ana", readByOther: 1, newAfter: Number.POSITIVE_INFINITY };
    const before = extendRows(undefined, input);
    const grown = { ...log, messages: [...log.messages, message(4, "bob", noon)] };
    const { rows } = extendRows(before, { ...input, log: grown, readByOther: 4 });
    expect(rows).toHaveLength(4);
    expect([rows[1], rows[2]].map((row, index) => row === before.rows[index + 1])).toEqual([true, true]);
  });
});
