import type { MessageSent } from "@gochat/contracts/events/message-events";
import { describe, expect, test } from "vitest";
import { highestRuns, splitAtReferences } from "./batch.ts";

const event = (id: string, replyTo?: string) => ({ id, replyTo }) as MessageSent;
const ids = (parts: readonly (readonly MessageSent[])[]) =>
  parts.map((part) => part.map(({ id }) => id).join(""));

describe("a batch", () => {
  test("stays whole while no message answers another one of it", () => {
    const events = [event("a"), event("b", "elsewhere"), event("c")];
    expect(splitAtReferences(events)).toEqual([events]);
    expect(splitAtReferences([])).toEqual([[]]);
  });

  test("is cut before a message that it has already", () => {
    expect(ids(splitAtReferences([event("a"), event("b"), event("a"), event("b")]))).toEqual(["ab", "ab"]);
  });

  test("is cut before each answer to a message of the same part", () => {
    expect(ids(splitAtReferences([event("a"), event("b", "a"), event("c"), event("d", "b")]))).toEqual([
      "a",
      "bc",
      "d",
    ]);
    expect(ids(splitAtReferences([event("a"), event("b", "a"), event("c", "a")]))).toEqual(["a", "bc"]);
  });
});

describe("the runs of positions", () => {
  const runs = (...seqs: number[]) => highestRuns(seqs.map((seq) => ({ conversationId: "c", seq })));

  test("are the highest without a hole, in whatever order and however often", () => {
    expect(runs(4, 5, 6)).toEqual([{ conversationId: "c", first: 4, last: 6 }]);
    expect(runs(6, 2, 5, 5, 6)).toEqual([{ conversationId: "c", first: 5, last: 6 }]);
    expect(runs(2, 9)).toEqual([{ conversationId: "c", first: 9, last: 9 }]);
  });

  test("are one for each conversation", () => {
    const positions = [
      { conversationId: "c", seq: 1 },
      { conversationId: "d", seq: 7 },
      { conversationId: "c", seq: 2 },
    ];
    expect(highestRuns(positions)).toEqual([
      { conversationId: "c", first: 1, last: 2 },
      { conversationId: "d", first: 7, last: 7 },
    ]);
  });
});
