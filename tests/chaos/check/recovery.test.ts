import { describe, expect, test } from "vitest";
import type { Struck } from "../history.ts";
import {
  arrive,
  arriveEverywhere,
  begin,
  end,
  judge,
  type Line,
  seen,
  send,
  socket,
  talk,
  talked,
  violated,
} from "./fixtures.ts";

describe("14: after a fault", () => {
  const fault = (struck: Struck, wait: number): Line[] => [
    { kind: "injected", fault: "it", struck },
    { kind: "healed", fault: "it", struck },
    send("a1", "m1"),
    { ...arriveEverywhere(seen(1, "m1"))[0]!, wait },
    ...arriveEverywhere(seen(1, "m1")),
  ];
  const log = [seen(1, "m1")];

  test("sending works again soon", () => {
    const verdict = judge(begin, fault("service", 4_000), end(log));
    expect(verdict.violations).toEqual([]);
    expect(verdict.survived).toEqual(new Map([["it", 1]]));
    expect(verdict.recoveries.get("it")).toBeCloseTo(4_010);
  });

  test("and as soon as its kind allows", () => {
    expect(violated(begin, fault("service", 6_000), end(log))).toEqual([14]);
    expect(violated(begin, fault("rabbitmq", 6_000), end(log))).toEqual([]);
    expect(violated(begin, fault("rabbitmq", 21_000), end(log))).toEqual([14]);
  });

  test("and not sooner than the fault before it allows", () => {
    const before: Line[] = [
      { kind: "injected", fault: "another", struck: "queue" },
      { kind: "healed", fault: "another", struck: "queue" },
    ];
    expect(violated(begin, before, fault("cache", 9_000), end(log))).toEqual([]);
    expect(violated(begin, before, fault("cache", 21_000), end(log))).toEqual([14]);
  });

  /** Ana writes at once, and is answered for as long as Ben is not. */
  const stuck = (waits: Line[], late: Line[]): Line[] => [
    { kind: "injected", fault: "it", struck: "service" },
    send("a1", "m1"),
    send("b1", "m2"),
    { kind: "healed", fault: "it", struck: "service" },
    ...arriveEverywhere(seen(1, "m1")),
    ...waits,
    ...late,
  ];
  const secondEverywhere = (wait: number) =>
    arriveEverywhere(seen(2, "m2", "ben")).map((line, index) => (index === 0 ? line : { ...line, wait }));
  const both = [seen(1, "m1"), seen(2, "m2", "ben")];

  test("and for each device that waits", () => {
    expect(violated(begin, stuck([], secondEverywhere(1_000)), end(both))).toEqual([]);
    const verdict = judge(begin, stuck([], secondEverywhere(3_000)), end(both));
    expect(verdict.violations.map(({ invariant, text }) => [invariant, text])).toEqual([
      [14, expect.stringMatching(/^after it the first acknowledgement of device b1 took 6\.\d s$/)],
    ]);
    expect(verdict.recoveries.get("it")).toBeGreaterThan(6_000);
  });

  test("and for each conversation", () => {
    const other = { conversation: "ae" };
    const opening: Line[] = begin.map((line) =>
      line.kind === "run" ? { ...line, conversations: { ...line.conversations, ae: ["ana", "eve"] } } : line,
    );
    const inOther = stuck([], []).map((line) =>
      line.kind === "sent" && line.id === "m2" ? { ...line, ...other, device: "a1" } : line,
    );
    const last: Line = { ...arrive("a1", seen(1, "m2")), ...other, wait: 8_000 };
    const texts = judge(opening, inOther, last).violations.map(({ text }) => text);
    expect(texts).toContainEqual(expect.stringMatching(/of conversation ae took 8\.\d s$/));
    expect(texts).not.toContainEqual(expect.stringMatching(/of (device|conversation ab)/));
  });

  test("and is waited for anew on a new connection", () => {
    const again: Line[] = [
      { ...socket("closed", "b1"), wait: 4_000 },
      socket("opened", "b1"),
      { ...send("b1", "m2"), wait: 3_000 },
    ];
    expect(violated(begin, stuck(again, secondEverywhere(1_000)), end(both))).toEqual([]);
    expect(violated(begin, stuck(again, secondEverywhere(3_000)), end(both))).toEqual([14]);
  });

  test("which forgets nobody who had waited for too long", () => {
    const hangUp = (wait: number): Line[] => [
      { ...socket("closed", "b1"), wait },
      socket("opened", "b1"),
      send("b1", "m2"),
    ];
    const texts = judge(begin, stuck(hangUp(20_000), secondEverywhere(1_000)), end(both)).violations;
    expect(texts.map(({ invariant, text }) => [invariant, text])).toEqual([
      [14, expect.stringMatching(/^after it .* of device b1 had not come when b1 hung up, after 20\.\d s$/)],
    ]);
    expect(violated(begin, stuck(hangUp(4_900), secondEverywhere(1_000)), end(both))).toEqual([]);
  });

  test("also for a conversation in which only those who hang up wait", () => {
    const alone = (wait: number): Line[] => [
      { kind: "injected", fault: "it", struck: "service" },
      send("b1", "m1"),
      { kind: "healed", fault: "it", struck: "service" },
      { ...socket("closed", "b1"), wait },
      socket("opened", "b1"),
      send("b1", "m1"),
      ...arriveEverywhere(seen(1, "m1", "ben")),
    ];
    const texts = judge(begin, alone(20_000)).violations.map(({ text }) => text);
    expect(texts).toContainEqual(expect.stringMatching(/of conversation ab had not come when b1 hung up/));
    const inTime = judge(begin, alone(4_900)).violations.map(({ text }) => text);
    expect(inTime).not.toContainEqual(expect.stringMatching(/hung up/));
  });

  test("also while all is quiet", () => {
    const never = (wait: number) => {
      const [quiet, settled, ...rest] = end([seen(1, "m1")]);
      return violated(begin, stuck([], []), quiet!, { ...settled!, wait }, rest);
    };
    expect(never(4_000)).not.toContain(14);
    expect(never(6_000)).toContain(14);
  });

  test.each(["injected", "quiet"] as const)("also where the wait is cut short: %s", (kind) => {
    const healed: Line = { kind: "healed", fault: "it", struck: "service" };
    const next: Line = { kind: "injected", fault: "next", struck: "client" };
    const [quiet, ...rest] = end(talked);
    const never = (wait: number) => {
      const cut = kind === "injected" ? [{ ...next, wait }, quiet!] : [{ ...quiet!, wait }];
      return violated(begin, talk, healed, cut, rest);
    };
    expect(never(300_000)).toEqual([14]);
    expect(never(4_000)).toEqual([]);
  });
});
