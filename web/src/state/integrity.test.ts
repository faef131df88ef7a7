import { extendDigest, firstDigest, fromBase64, toBase64 } from "@gochat/contracts/digest";
import type { Message } from "@gochat/contracts/http/conversations";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkDigests, nothingChecked } from "./integrity.ts";

const conversationId = "00000000-0000-8000-8000-000000000003";
const uuid = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

/** Messages with a chain that fits, from one position to another, after a digest. */
function chain(from: number, to: number, after: string, text: string): Message[] {
  let digest = fromBase64(after);
  return Array.from({ length: to - from + 1 }, (_, index) => {
    const seq = from + index;
    const message = { seq, senderId: uuid(seq % 2), id: uuid(seq), body: `${text} ${seq}` };
    digest = extendDigest(digest, message);
    return {
      conversationId,
      ...message,
      createdAt: new Date(seq).toISOString(),
      digest: toBase64(digest),
    };
  });
}

const log: readonly Message[] = chain(1, 40, toBase64(firstDigest(conversationId)), "text");
const stretch = (from: number, to: number) => log.slice(from - 1, to);
/** As a page comes: each message is another object, also where it says the same. */
const copies = (messages: readonly Message[]) => messages.map((message) => ({ ...message }));
const check = (messages: readonly Message[], before = nothingChecked, held: readonly Message[] = log) =>
  checkDigests(before, conversationId, held, messages);
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
    expect(checkDigests(nothingChecked, uuid(9), [], log).brokenAt).toBe(1);
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

  it("is the same however many messages come at a time", () => {
    const altering = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 2 });
    const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 10 });
    fc.assert(
      fc.property(altering, fc.integer({ min: 1, max: 40 }), pieces, (seqs, from, ends) => {
        const messages = log
          .map((message) => (seqs.includes(message.seq) ? { ...message, body: "else" } : message))
          .slice(from - 1);
        let known = nothingChecked;
        let held: readonly Message[] = [];
        for (const end of [...ends.filter((at) => at >= from).sort((a, b) => a - b), 40]) {
          const grown = messages.slice(0, end - from + 1);
          known = check(grown, known, held);
          held = grown;
          expect(known).toEqual(check(grown, nothingChecked, []));
        }
      }),
    );
  });

  it("is not checked twice", () => {
    const held = check(stretch(1, 30));
    const wrong = altered(10, { body: "else" });
    // This message was looked at before, and is the very same.
    expect(check(wrong, held, wrong).brokenAt).toBeNull();
  });

  it("breaks where a page brings another message in the place of one that was checked", () => {
    const held = check(stretch(1, 30));
    expect(check(copies(log), held)).toEqual({ from: 1, to: 40, brokenAt: null });
    expect(check(altered(10, { body: "else" }), held).brokenAt).toBe(10);
    expect(check(altered(10, { digest: log[0]!.digest }), held).brokenAt).toBe(10);
  });

  it("breaks where a page brings another message in the place of one, and more behind it", () => {
    const held = stretch(1, 30);
    expect(check(altered(10, { body: "else" }), check(held), held).brokenAt).toBe(10);
  });

  it("breaks where the past was rewritten, though it fits in itself, until the first one is back", () => {
    const rewritten = [...stretch(1, 9), ...chain(10, 40, log[8]!.digest, "else")];
    let known = check(log);
    for (const [held, messages] of [
      [log, rewritten],
      [rewritten, copies(rewritten)],
    ] as const) {
      known = check(messages, known, held);
      expect(known).toMatchObject({ brokenAt: 10, replaced: { seq: 10, digest: log[9]!.digest } });
    }
    expect(check(log, known, rewritten)).toEqual({ from: 1, to: 40, brokenAt: null });
  });

  it("stays broken where messages come behind a rewritten past", () => {
    const rewritten = [...stretch(1, 9), ...chain(10, 40, log[8]!.digest, "else")];
    const held = rewritten.slice(0, 30);
    const broken = check(held, check(stretch(1, 30)), stretch(1, 30));
    expect(check(rewritten, broken, held)).toEqual({ ...broken, to: 40 });
    expect(broken).toMatchObject({ brokenAt: 10, replaced: { seq: 10 } });
  });

  it("takes what was fetched again in the place of what did not fit", () => {
    const wrong = altered(10, { digest: log[0]!.digest });
    expect(check(log, check(wrong, nothingChecked, []), wrong)).toEqual({ from: 1, to: 40, brokenAt: null });
  });
});
