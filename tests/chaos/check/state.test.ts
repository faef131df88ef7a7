import { describe, expect, test } from "vitest";
import {
  arriveEverywhere,
  begin,
  end,
  type Line,
  pause,
  read,
  readSent,
  seen,
  send,
  talk,
  talked,
  violated,
} from "./fixtures.ts";

/** The list as somebody reads it, a moment after everything before it. */
function summary(person: string, readSeqs: Record<string, number>, more: object = {}): Line {
  const base = { kind: "summary", person, conversation: "ab", headSeq: 2, unreadCount: 0 };
  return { ...base, askedAt: 100_000, readSeqs, ...more } as Line;
}

describe("11: read positions", () => {
  test("move forward to what was shown", () => {
    const lines = [readSent("b1", 1), read("ben", 1), readSent("b1", 2), read("ben", 2), read("ben", 1)];
    expect(violated(begin, talk, lines, end(talked, { readSeqs: { ben: 2 } }))).toEqual([]);
  });

  test("never go back", () => {
    const lines = [readSent("b1", 2), read("ben", 2), summary("ana", { ana: 2, ben: 1 })];
    expect(violated(begin, talk, lines, end(talked))).toEqual([11]);
  });

  test("never pass what was shown", () => {
    expect(violated(begin, talk, readSent("b1", 1), read("ben", 2), end(talked))).toEqual([11]);
  });

  test("arrive in the end", () => {
    const last = summary("ben", { ana: 2, ben: 1 }, { settled: true, unreadCount: 1 });
    const counted: Line = { kind: "notices", person: "ben", unread: { ab: 1 } };
    const ending = end(talked, { afterQuiet: [last, counted] });
    expect(violated(begin, talk, readSent("b1", 2), ending)).toEqual([11]);
  });

  test("are not missing in a list that was read before", () => {
    expect(violated(begin, talk, pause(talked), readSent("b1", 2))).toEqual([0]);
  });

  test("follow one's own messages", () => {
    expect(violated(begin, talk, summary("ben", { ana: 2, ben: 0 }), end(talked))).toEqual([]);
  });
});

describe("12: unread", () => {
  const last = (unreadCount: number) => summary("ben", { ana: 2, ben: 0 }, { settled: true, unreadCount });
  const notices = (unread: Record<string, number>): Line => ({ kind: "notices", person: "ben", unread });

  test("is what its definition says", () => {
    expect(violated(begin, talk, end(talked, { afterQuiet: [last(2), notices({ ab: 2 })] }))).toEqual([]);
    expect(violated(begin, talk, end(talked, { afterQuiet: [last(1)] }))).toEqual([12]);
  });

  test("is judged each time that all is quiet, as it was then", () => {
    const more = [...talked, seen(3, "m3")];
    const third = [send("a1", "m3"), ...arriveEverywhere(seen(3, "m3"))];
    const ending = end(more, { readSeqs: { ben: 0 } });
    const then = (unreadCount: number) =>
      pause(talked, { afterQuiet: [last(unreadCount), notices({ ab: 2 })] });
    expect(violated(begin, talk, then(2), third, ending)).toEqual([]);
    expect(violated(begin, talk, then(3), third, ending)).toEqual([12]);
    const noticed = pause(talked, { afterQuiet: [last(2), notices({ ab: 1 })] });
    expect(violated(begin, talk, noticed, third, ending)).toEqual([12]);
  });

  test("is the same among the notifications", () => {
    expect(violated(begin, talk, end(talked, { afterQuiet: [last(2), notices({ ab: 3 })] }))).toEqual([12]);
    expect(violated(begin, talk, end(talked, { afterQuiet: [last(2), notices({})] }))).toEqual([12]);
  });

  test("is shown as 100 at most", () => {
    const many = Array.from({ length: 130 }, (_, index) => seen(index + 1, `m${index + 1}`));
    const lines = many.flatMap((message) => [send("a1", message[1]), ...arriveEverywhere(message)]);
    const list = summary("ben", { ana: 130, ben: 0 }, { settled: true, unreadCount: 100, headSeq: 130 });
    expect(violated(begin, lines, end(many, { afterQuiet: [list, notices({ ab: 130 })] }))).toEqual([]);
  });
});

describe("15: queues", () => {
  const poison: Line = { kind: "poison", id: "p1" };
  const letter = (id: string): Line => ({ kind: "deadLetter", id, reason: "no" });

  test("run empty, and keep the poison", () => {
    const queues: Line = { kind: "queues", askedAt: 0, depths: { one: 0 } };
    const ending = end(talked, { afterQuiet: [queues] });
    expect(violated(begin, talk, poison, letter("p1"), ending)).toEqual([]);
  });

  test("hold nothing back", () => {
    const full: Line = { kind: "queues", askedAt: 0, depths: { one: 2 } };
    expect(violated(begin, talk, end(talked, { afterQuiet: [full] }))).toEqual([15]);
    expect(violated(begin, talk, pause(talked, { afterQuiet: [full] }), end(talked))).toEqual([15]);
  });

  test("run empty soon", () => {
    const empty = (askedAt: number) =>
      end(talked, { afterQuiet: [{ kind: "queues", askedAt, depths: { one: 0 } }] });
    expect(violated(begin, talk, empty(30_000))).toEqual([]);
    expect(violated(begin, talk, empty(40_000))).toEqual([15]);
  });

  test("keep the poison before anybody writes again", () => {
    expect(violated(begin, talk, poison, pause(talked), letter("p1"), end(talked))).toEqual([15]);
    expect(violated(begin, talk, poison, letter("p1"), pause(talked), end(talked))).toEqual([]);
  });

  test("give nothing up but poison, and that once", () => {
    expect(violated(begin, talk, letter("m1"), end(talked))).toEqual([15]);
    expect(violated(begin, talk, poison, end(talked))).toEqual([15]);
    expect(violated(begin, talk, poison, letter("p1"), letter("p1"), end(talked))).toEqual([15]);
  });
});

describe("16: a frame for somebody who is not in the conversation", () => {
  test.each(["chat", "online"] as const)("on the socket %s", (socket) => {
    const notified = (device: string): Line => ({
      kind: "frame",
      socket,
      device,
      type: "notification",
      conversation: "ab",
    });
    expect(violated(begin, talk, notified("b1"), end(talked))).toEqual([]);
    expect(violated(begin, talk, notified("e1"), end(talked))).toEqual([16]);
  });

  test("the refusal of what another device sent", () => {
    const lines = [send("a1", "m0", { bad: true })];
    const refusal = (device: string): Line => ({ kind: "rejected", device, id: "m0", code: "NOT_FOUND" });
    expect(violated(begin, talk, lines, refusal("a1"), end(talked))).toEqual([]);
    expect(violated(begin, talk, lines, refusal("a1"), refusal("a2"), end(talked))).toEqual([16]);
  });

  test("of a log and of read positions", () => {
    const head = (device: string): Line => ({ kind: "head", device, conversation: "ab", headSeq: 2 });
    expect(violated(begin, talk, head("b1"), end(talked))).toEqual([]);
    expect(violated(begin, talk, head("e1"), end(talked))).toEqual([16]);
    expect(violated(begin, talk, read("ana", 2, "e1"), end(talked))).toEqual([16]);
  });
});
