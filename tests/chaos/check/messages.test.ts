import { describe, expect, test } from "vitest";
import {
  arrive,
  arriveEverywhere,
  begin,
  end,
  judge,
  type Line,
  page,
  seen,
  send,
  socket,
  summaryOf,
  talk,
  talked,
  violated,
} from "./fixtures.ts";
import { incomplete } from "./invariant.ts";

test("a history in which everything is right violates nothing", () => {
  const verdict = judge(begin, talk, end(talked));
  expect(verdict.violations).toEqual([]);
  expect(verdict).toMatchObject({ sent: 2, acknowledged: 2 });
});

test("a violation names the lines that show it", () => {
  const [violation] = judge(begin, talk, end([seen(1, "m1")])).violations;
  expect(violation).toMatchObject({ invariant: 1, lines: [9, 10, 22] });
  expect(violation?.text).toContain("m2 was acknowledged and is 0 times");
});

describe("1: acknowledged messages", () => {
  test("are lost where a history does not have them", () => {
    expect(violated(begin, talk, end([seen(1, "m1")]))).toContain(1);
  });

  test("are altered where the bytes differ", () => {
    expect(violated(begin, talk, end([seen(1, "m1"), seen(2, "m2", "ana", "other")]))).toEqual([1]);
  });

  test("are not shown to be there by a history that nobody read", () => {
    expect(violated(begin, talk)).toEqual([incomplete]);
  });
});

describe("2: what appears", () => {
  test("was sent by somebody", () => {
    expect(violated(begin, talk, end([...talked, seen(3, "m3")]))).toContain(2);
  });

  test("was sent by that person", () => {
    expect(violated(begin, send("a1", "m1"), arriveEverywhere(seen(1, "m1", "ben")), end([]))).toContain(2);
  });
});

describe("3: an id", () => {
  test("stands once in a history", () => {
    const twice = [seen(1, "m1"), seen(2, "m2"), seen(3, "m1")];
    expect(violated(begin, talk, arriveEverywhere(seen(3, "m1")), end(twice))).toContain(3);
  });

  test("may arrive as often as it likes at the same position", () => {
    expect(violated(begin, talk, arrive("b1", seen(1, "m1"), 2), end(talked))).toEqual([]);
  });
});

describe("4: positions", () => {
  test("have no holes", () => {
    const lines = [send("a1", "m1"), ...arriveEverywhere(seen(1, "m1"))];
    const hole = [seen(1, "m1"), seen(3, "m3")];
    expect(violated(begin, lines, send("a1", "m3"), end(hole))).toContain(4);
  });

  test("do not change", () => {
    expect(
      violated(begin, talk, send("b1", "m3"), arrive("a2", seen(2, "m3", "ben"), 2), end(talked)),
    ).toContain(4);
  });

  test("end at the head", () => {
    expect(violated(begin, talk, end(talked, { headSeq: 3 }))).toEqual([4]);
  });
});

describe("5: what was acknowledged before another was sent", () => {
  test("comes before it", () => {
    const swapped = [seen(1, "m2", "ben"), seen(2, "m1")];
    const lines = [send("a1", "m1"), arrive("a1", seen(2, "m1"), 0), send("b1", "m2")];
    expect(violated(begin, lines, swapped.flatMap(arriveEverywhere), end(swapped))).toContain(5);
  });

  test("need not where both were on their way", () => {
    const swapped = [seen(1, "m2", "ben"), seen(2, "m1")];
    expect(
      violated(begin, send("a1", "m1"), send("b1", "m2"), swapped.flatMap(arriveEverywhere), end(swapped)),
    ).toEqual([]);
  });
});

describe("6: what one device sent", () => {
  const swapped = [seen(1, "m2"), seen(2, "m1")];

  test("keeps its order", () => {
    expect(
      violated(begin, send("a1", "m1"), send("a1", "m2"), swapped.flatMap(arriveEverywhere), end(swapped)),
    ).toEqual([6]);
  });

  test("has no order with what another device of the person sent", () => {
    expect(
      violated(begin, send("a1", "m1"), send("a2", "m2"), swapped.flatMap(arriveEverywhere), end(swapped)),
    ).toEqual([]);
  });
});

describe("7: what a device applied", () => {
  test("skips nothing", () => {
    const lines = [
      ...arriveEverywhere(seen(1, "m1")).slice(0, 2),
      send("a1", "m2"),
      ...arriveEverywhere(seen(2, "m2")),
    ];
    expect(violated(begin, send("a1", "m1"), lines, end(talked))).toEqual([7]);
  });

  test("may come from a page", () => {
    const caughtUp = [arrive("b1", seen(2, "m2"), 0), page("b1", 0, [seen(1, "m1")], { applied: 2 })];
    const others = ["a1", "a2"].flatMap((device) => talked.map((message) => arrive(device, message)));
    expect(violated(begin, send("a1", "m1"), send("a1", "m2"), others, caughtUp, end(talked))).toEqual([]);
  });

  test("never goes back", () => {
    expect(violated(begin, talk, arrive("b1", seen(1, "m1"), 1), end(talked))).toContain(7);
  });

  test("is everything when all is quiet", () => {
    const lines = [send("a1", "m1"), arrive("a1", seen(1, "m1")), arrive("a2", seen(1, "m1"))];
    const [violation] = judge(begin, lines, end([seen(1, "m1")])).violations;
    expect(violation).toMatchObject({ invariant: 7 });
    expect(violation?.text).toContain("b1 has 0 of 1");
  });

  test("is everything on a device that never got in", () => {
    const withoutBen = begin.filter((line) => !("device" in line) || line.device !== "b1");
    const lines = [talk.filter((line) => !("device" in line) || line.device !== "b1"), end(talked)];
    const texts = judge(withoutBen, ...lines).violations.map(({ text }) => text);
    expect(texts).toEqual([
      expect.stringContaining("b1 is not back"),
      expect.stringContaining("b1 has 0 of 2"),
    ]);
  });

  test("reaches as far as anybody was told", () => {
    const head: Line = { kind: "head", device: "b1", conversation: "ab", headSeq: 5 };
    expect(violated(begin, talk, { ...head, headSeq: 2 }, end(talked))).toEqual([]);
    expect(violated(begin, talk, head, end(talked))).toEqual([7]);
    const listed: Line = { ...summaryOf("ana", talked), headSeq: 5 };
    expect(violated(begin, talk, listed, end(talked))).toEqual([7]);
  });
});

describe("8: a person", () => {
  test("reads what they wrote", () => {
    const old = page("a2", 0, [seen(1, "m1")], { askedAt: 100_000, applied: 2 });
    expect(violated(begin, talk, old, end(talked))).toEqual([8]);
  });

  test("writes behind what they have read", () => {
    const lines = [send("b1", "m1"), arrive("a2", seen(1, "m1", "ben")), send("a1", "m0")];
    const all = [seen(1, "m0"), seen(2, "m1", "ben")];
    expect(violated(begin, lines, all.flatMap(arriveEverywhere), end(all))).toContain(8);
  });

  test("gets pages without holes", () => {
    const lines = [page("a1", 0, [seen(2, "m2")], { applied: 2 })];
    expect(violated(begin, talk, lines, end(talked))).toEqual([8]);
  });
});

describe("9: a send", () => {
  test("is answered when all is quiet", () => {
    expect(violated(begin, talk, send("a1", "m1"), end(talked))).toEqual([9]);
  });

  test("is answered too where its device went away and came back", () => {
    const all = [...talked, seen(3, "m3")];
    const lines = [send("a1", "m3"), socket("closed", "a1")];
    const others = ["a2", "b1"].map((device) => arrive(device, seen(3, "m3")));
    const back = [socket("opened", "a1"), page("a1", 2, [seen(3, "m3")])];
    expect(violated(begin, talk, lines, others, back, end(all))).toEqual([]);
    expect(violated(begin, talk, lines, others, end(all))).toEqual([7, 9]);
  });

  test("is one message in the end", () => {
    expect(violated(begin, talk, send("a1", "m3"), socket("closed", "a1"), end(talked))).toEqual([7, 9]);
  });

  test("that was answered is in the history, at once or after a retry", () => {
    const lines = [send("a1", "m1"), ...arriveEverywhere(seen(1, "m1"))];
    expect(violated(begin, lines, end([]))).toContain(9);
  });
});

describe("10: a refusal", () => {
  const refusal = (id: string, code: string) => ({ kind: "rejected", device: "a1", id, code }) as const;

  test("is final", () => {
    const lines = [send("a1", "m1", { bad: true }), refusal("m1", "NOT_FOUND"), send("a1", "m1")];
    expect(violated(begin, lines, arriveEverywhere(seen(1, "m1")), end([seen(1, "m1")]))).toEqual([10]);
  });

  test("has a cause", () => {
    expect(violated(begin, talk, send("a1", "m3"), refusal("m3", "INVALID_INPUT"), end(talked))).toEqual([
      10,
    ]);
    expect(
      violated(begin, talk, send("a1", "m3", { bad: true }), refusal("m3", "INVALID_INPUT"), end(talked)),
    ).toEqual([]);
  });

  test("of one attempt says nothing of the message", () => {
    const busy = [send("a1", "m3"), refusal("m3", "BUSY"), send("a1", "m3")];
    expect(
      violated(begin, talk, busy, arriveEverywhere(seen(3, "m3")), end([...talked, seen(3, "m3")])),
    ).toEqual([]);
  });
});
