import { describe, expect, test } from "vitest";
import { begin, end, type Line, talk, talked, violated } from "./fixtures.ts";

describe("13: presence", () => {
  const online = (kind: "opened" | "closed", device: string, wait = 10): Line => {
    return { kind, socket: "online", device, connection: 2, wait };
  };
  const sees = (status: "online" | "offline", wait = 10): Line => {
    return { kind: "presence", device: "b1", person: "ana", status, wait };
  };
  const bothThere = [online("opened", "a1"), online("opened", "b1"), sees("online")];

  test("may be wrong for bounded times", () => {
    const lines = [sees("offline"), sees("online", 14_000), online("closed", "a1"), sees("offline", 34_000)];
    expect(violated(begin, bothThere, lines, talk, end(talked))).toEqual([]);
  });

  test("shows nobody as offline who is there", () => {
    expect(violated(begin, bothThere, sees("offline"), sees("online", 20_000), talk, end(talked))).toEqual([
      13,
    ]);
  });

  test("does not get better by saying the wrong thing again", () => {
    const lines = [sees("offline"), sees("offline", 12_000), sees("online", 12_000)];
    expect(violated(begin, bothThere, lines, talk, end(talked))).toEqual([13]);
  });

  test("shows nobody as online for ever who left", () => {
    expect(
      violated(begin, bothThere, online("closed", "a1"), sees("offline", 40_000), talk, end(talked)),
    ).toEqual([13]);
  });

  test("shows those as gone whose node was killed with their socket", () => {
    const killed: Line[] = [
      { kind: "injected", fault: "kill", struck: "service" },
      online("closed", "a1"),
      { kind: "healed", fault: "kill", struck: "service" },
      ...talk,
    ];
    const ending = (wait: number): Line[] => [{ ...end(talked)[0]!, wait }, ...end(talked).slice(1)];
    expect(violated(begin, bothThere, killed, sees("offline", 34_000), end(talked))).toEqual([]);
    expect(violated(begin, bothThere, killed, ending(50_000))).toEqual([13]);
  });

  test("cannot be right while the cache is gone", () => {
    const gone: Line[] = [
      { kind: "injected", fault: "cache stopped", struck: "cache" },
      online("closed", "a1"),
      { kind: "healed", fault: "cache stopped", struck: "cache", wait: 60_000 },
      ...talk,
      sees("offline", 30_000),
    ];
    expect(violated(begin, bothThere, gone, end(talked))).toEqual([]);
  });
});

describe("13: the directory after a flush", () => {
  const opened: Line = { kind: "opened", socket: "online", device: "a1", connection: 2 };
  const closed: Line = { ...opened, kind: "closed" };
  const flush: Line[] = [
    { kind: "injected", fault: "flush", struck: "cache", wait: 60_000 },
    { kind: "healed", fault: "flush", struck: "cache", flushed: true },
  ];
  const right = { ana: "online", ben: "offline", eve: "offline" } as const;
  type Statuses = Record<string, "online" | "offline" | "unknown">;
  const look = (people: Statuses | undefined, t = 80_000): Line => ({
    kind: "directory",
    device: "b1",
    askedAt: t,
    wait: 20_000,
    ...(people && { people }),
  });
  const directorySeen = (...lines: Line[]) => violated(begin, opened, flush, talk, lines, end(talked));

  test("is right", () => {
    expect(directorySeen(look(right))).toEqual([]);
    expect(directorySeen(look({ ...right, ana: "offline" }))).toEqual([13]);
    expect(directorySeen(look({ ...right, ben: "online" }))).toEqual([13]);
  });

  test("knows everybody, and answers", () => {
    expect(directorySeen(look({ ...right, ana: "unknown" }))).toEqual([13]);
    expect(directorySeen(look({ ana: "online", ben: "offline" }))).toEqual([13]);
    expect(directorySeen(look(undefined))).toEqual([13]);
  });

  test("may be late for who has just come or gone", () => {
    expect(directorySeen(closed, look(right))).toEqual([]);
    expect(
      directorySeen(closed, { ...opened, wait: 5_000 }, look({ ...right, ana: "offline" }, 76_000)),
    ).toEqual([]);
  });

  test("must be looked at, and not before its time", () => {
    expect(directorySeen()).toEqual([0]);
    expect(directorySeen(look(right, 61_000))).toEqual([0]);
  });
});
