import type { Message } from "@gochat/contracts/http/conversations";
import { describe, expect, test } from "vitest";
import { describePage, isImmutable, type PageQuery, planPage } from "./page.ts";

/** What the store would find in a log of `head` messages. */
function page(query: PageQuery, head: number) {
  const plan = planPage(query);
  const seqs = Array.from({ length: head }, (_, index) => index + 1);
  const before = plan.older > 0 ? seqs.filter((seq) => seq < plan.pivot).slice(-plan.older) : [];
  const from = seqs.filter((seq) => seq >= plan.pivot).slice(0, plan.newer);
  const messages = [...before, ...from].map((seq) => ({ seq }) as Message);
  const { messages: shown, ...rest } = describePage(plan, messages, head);
  return { seqs: shown.map((message) => message.seq), ...rest, immutable: isImmutable(plan, messages, head) };
}

describe("a page of history", () => {
  test.each([
    ["the newest", { limit: 3 }, 10, [8, 9, 10], true, false, false],
    ["the newest of a short log", { limit: 3 }, 2, [1, 2], false, false, false],
    ["the newest of nothing", { limit: 3 }, 0, [], false, false, false],
    ["before, excluded", { before: 5, limit: 3 }, 10, [2, 3, 4], true, true, true],
    ["before, up to the first", { before: 4, limit: 3 }, 10, [1, 2, 3], false, true, true],
    ["before, less than a page", { before: 3, limit: 3 }, 10, [1, 2], false, true, false],
    ["before, the place behind the head", { before: 11, limit: 3 }, 10, [8, 9, 10], true, false, true],
    ["before, further than that", { before: 12, limit: 3 }, 10, [8, 9, 10], true, false, false],
    ["before the first", { before: 1, limit: 3 }, 10, [], false, true, false],
    ["before nothing", { before: 0, limit: 3 }, 10, [], false, true, false],
    ["before nothing in nothing", { before: 0, limit: 3 }, 0, [], false, false, false],
    ["after, excluded", { after: 5, limit: 3 }, 10, [6, 7, 8], true, true, false],
    ["after nothing", { after: 0, limit: 3 }, 10, [1, 2, 3], false, true, false],
    ["after the head", { after: 10, limit: 3 }, 10, [], true, false, false],
    ["after the end of time", { after: Number.MAX_SAFE_INTEGER, limit: 3 }, 10, [], true, false, false],
    ["around, half on each side", { around: 5, limit: 4 }, 10, [3, 4, 5, 6], true, true, false],
    ["around, odd", { around: 5, limit: 3 }, 10, [4, 5, 6], true, true, false],
    ["around one alone", { around: 5, limit: 1 }, 10, [5], true, true, false],
    ["around the first", { around: 1, limit: 4 }, 10, [1, 2], false, true, false],
    ["around the last", { around: 10, limit: 4 }, 10, [8, 9, 10], true, false, false],
  ])("%s", (_name, query, head, seqs, hasMoreBefore, hasMoreAfter, immutable) => {
    expect(page(query, head)).toEqual({ seqs, headSeq: head, hasMoreBefore, hasMoreAfter, immutable });
  });

  test("names one place at most", () => {
    expect(() => planPage({ before: 1, after: 1, limit: 3 })).toThrow("INVALID_INPUT");
    expect(() => planPage({ around: 0, after: 0, limit: 3 })).toThrow("INVALID_INPUT");
  });

  test("shows no head behind its own last message", () => {
    const messages = [{ seq: 10 }, { seq: 11 }] as Message[];
    expect(describePage(planPage({ limit: 2 }), messages, 10)).toMatchObject({
      headSeq: 11,
      hasMoreAfter: false,
    });
  });
});
