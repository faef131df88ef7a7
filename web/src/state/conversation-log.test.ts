import type { Message } from "@gochat/contracts/http/conversations";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addPending,
  applyLive,
  applyStretch,
  type ConversationLog,
  failPending,
  needsCatchUp,
  noticeGap,
  noticeHead,
  type PendingMessage,
  removePending,
  type Stretch,
  unknownLog,
} from "./conversation-log.ts";

const me = "ana";
const pageSize = 5;

const message = (seq: number): Message => ({
  conversationId: "conversation",
  seq,
  id: `id-${seq}`,
  senderId: seq % 2 === 0 ? me : "bob",
  body: `text ${seq}`,
  createdAt: new Date(seq).toISOString(),
  digest: "",
});
const messages = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => message(from + index));
const stretch = (from: number, to: number): Stretch => ({ from, to, messages: messages(from, to) });
const pending = (seq: number): PendingMessage => ({
  id: `id-${seq}`,
  senderId: me,
  body: `text ${seq}`,
  writtenAt: seq,
  state: "sending",
});
const seqs = (log: ConversationLog) => log.messages.map(({ seq }) => seq);

describe("the log of a conversation", () => {
  it("begins with the first thing heard of it", () => {
    const log = applyLive(unknownLog, message(7));
    expect([log.from, log.applied, seqs(log)]).toEqual([7, 7, [7]]);
  });

  it("applies the next message and drops what it has", () => {
    let log = applyStretch(unknownLog, stretch(1, 3));
    log = applyLive(applyLive(log, message(4)), message(4));
    expect(applyLive(log, message(2))).toBe(log);
    expect(seqs(log)).toEqual([1, 2, 3, 4]);
  });

  it("holds back what is past a gap until the gap is filled", () => {
    let log = applyLive(applyStretch(unknownLog, stretch(1, 3)), message(6));
    expect(seqs(log)).toEqual([1, 2, 3]);
    expect(needsCatchUp(log)).toBe(true);
    log = applyStretch(log, stretch(4, 5));
    expect(seqs(log)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(needsCatchUp(log)).toBe(false);
  });

  it("moves to the head where nothing is held, and shows a gap where something is", () => {
    expect(needsCatchUp(noticeHead(unknownLog, 40))).toBe(false);
    expect(needsCatchUp(noticeHead(applyStretch(unknownLog, stretch(1, 3)), 40))).toBe(true);
  });

  it("ignores a page from before a gap and takes one from past it", () => {
    const log = applyStretch(unknownLog, stretch(20, 30));
    expect(applyStretch(log, stretch(1, 10))).toBe(log);
    expect(applyStretch(log, stretch(40, 50)).from).toBe(40);
  });

  it("settles a pending message however its confirmation comes", () => {
    const log = addPending(applyStretch(unknownLog, stretch(1, 3)), pending(4));
    expect(applyLive(log, message(4)).pending).toEqual([]);
    expect(applyStretch(log, stretch(4, 4)).pending).toEqual([]);
    const replay = addPending(applyStretch(unknownLog, stretch(8, 9)), pending(4));
    expect(applyLive(replay, message(4)).pending).toEqual([]);
  });

  it("knows a pending message as stored while something before it is missing", () => {
    let log = addPending(applyStretch(unknownLog, stretch(1, 3)), pending(6));
    log = failPending(applyLive(log, message(6)), "id-6", "too late");
    expect(log.pending.map(({ state }) => state)).toEqual(["stored"]);
    expect(applyStretch(log, stretch(4, 5)).pending).toEqual([]);
  });

  it("does not let another person's message confirm one's own", () => {
    const log = addPending(applyStretch(unknownLog, stretch(1, 3)), pending(4));
    expect(applyLive(log, { ...message(4), senderId: "bob" }).pending).toHaveLength(1);
  });

  it("equals a fresh snapshot after any interleaving of live frames, pages and the outbox", () => {
    const step = fc.record({
      what: fc.constantFrom(
        ...(["live", "newest", "older", "changes", "head", "gap", "outbox", "refusal", "removal"] as const),
      ),
      place: fc.nat({ max: 60 }),
      // Of what comes next, or of anything at all.
      isNear: fc.boolean(),
      // How far the log had grown when the server said this: late answers included.
      seen: fc.nat({ max: 60 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60 }),
        fc.array(step, { maxLength: 40, size: "max" }),
        (length, steps) => {
          let log = unknownLog;
          // What the outbox must hold of messages that the server never stores.
          const unsent = new Map<string, PendingMessage["state"]>();
          for (const { what, place, isNear, seen } of steps) {
            const position = isNear ? Math.max(0, log.applied) + (place % 6) : place;
            const head = Math.min(seen, length);
            if (what === "live" && position >= 1 && position <= length)
              log = applyLive(log, message(position));
            if (what === "newest") log = applyStretch(log, stretch(Math.max(1, head - pageSize + 1), head));
            if (what === "older" && position > 1 && position <= length + 1) {
              log = applyStretch(log, stretch(Math.max(1, position - pageSize), position - 1));
            }
            if (what === "changes" && log.applied >= 0) {
              const after = Math.max(0, log.applied - (position % 7));
              log = applyStretch(log, stretch(after + 1, Math.max(after, Math.min(head, after + pageSize))));
            }
            if (what === "head") log = noticeHead(log, head);
            if (what === "gap") log = noticeGap(log, head);
            if (position % 2 === 0 && position >= 1) {
              const { id } = pending(position);
              const isUnsent = position > length;
              if (what === "outbox") log = addPending(log, pending(position));
              if (what === "outbox" && isUnsent && !unsent.has(id)) unsent.set(id, "sending");
              if (what === "refusal") log = failPending(log, id, "refused");
              if (what === "refusal" && unsent.has(id)) unsent.set(id, "failed");
              if (what === "removal") log = removePending(log, id);
              if (what === "removal") unsent.delete(id);
            }
            expectWhole(log);
          }
          const end = finish(log, length);
          expect(end).toEqual(snapshot(log, length));
          expect(new Map(end.pending.map(({ id, state }) => [id, state]))).toEqual(unsent);
        },
      ),
      { numRuns: 10_000, seed: 20_260_617 },
    );
  }, 60_000);
});

/** At every moment: no hole, nothing twice, nothing that waits although it could be applied, or is pending and stored. */
function expectWhole(log: ConversationLog): void {
  const { from, applied, ahead, pending: written } = log;
  const stored = new Set(log.messages.map(({ id }) => id));
  const waiting = new Set(ahead.map(({ id }) => id));
  const count = applied < 0 ? 0 : applied - from + 1;
  const holds = {
    everythingOnce: log.messages.length === count && log.messages.every(({ seq }, at) => seq === from + at),
    onlyWhatMustWait: ahead.every(({ seq }) => seq > applied + 1),
    nothingStoredAsPending: !written.some(({ id }) => stored.has(id)),
    whatWaitsAsStored: written.every(({ id, state }) => state === "stored" || !waiting.has(id)),
    eachPendingOnce: new Set(written.map(({ id }) => id)).size === written.length,
  };
  // Asked a few hundred thousand times: `expect` is slow, and for what is wrong.
  const broken = Object.entries(holds).filter(([, isTrue]) => !isTrue);
  if (broken.length > 0) expect(broken).toEqual([]);
}

/** What the client goes on to do: ask for the head, catch up, load history to its beginning. */
function finish(start: ConversationLog, length: number): ConversationLog {
  let log = noticeHead(start, length);
  while (needsCatchUp(log)) {
    log = applyStretch(log, stretch(log.applied + 1, Math.min(length, log.applied + pageSize)));
  }
  while (log.from > 1) log = applyStretch(log, stretch(Math.max(1, log.from - pageSize), log.from - 1));
  return log;
}

function snapshot(log: ConversationLog, length: number): ConversationLog {
  return {
    ...applyStretch(unknownLog, stretch(1, length)),
    pending: log.pending.filter(({ writtenAt }) => writtenAt > length),
  };
}
