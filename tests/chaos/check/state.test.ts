import { describe, expect, test } from "vitest";
import type { Struck } from "../history.ts";
import {
  arriveEverywhere,
  begin,
  end,
  judge,
  type Line,
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
    const last = summary("ben", { ana: 2, ben: 1 }, { final: true, unreadCount: 1 });
    const counted: Line = { kind: "notices", person: "ben", unread: { ab: 1 } };
    const ending = end(talked, { afterQuiet: [last, counted] });
    expect(violated(begin, talk, readSent("b1", 2), ending)).toEqual([11]);
  });

  test("follow one's own messages", () => {
    expect(violated(begin, talk, summary("ben", { ana: 2, ben: 0 }), end(talked))).toEqual([]);
  });
});

describe("12: unread", () => {
  const last = (unreadCount: number) => summary("ben", { ana: 2, ben: 0 }, { final: true, unreadCount });
  const notices = (unread: Record<string, number>): Line => ({ kind: "notices", person: "ben", unread });

  test("is what its definition says", () => {
    expect(violated(begin, talk, end(talked, { afterQuiet: [last(2), notices({ ab: 2 })] }))).toEqual([]);
    expect(violated(begin, talk, end(talked, { afterQuiet: [last(1)] }))).toEqual([12]);
  });

  test("is the same among the notifications", () => {
    expect(violated(begin, talk, end(talked, { afterQuiet: [last(2), notices({ ab: 3 })] }))).toEqual([12]);
    expect(violated(begin, talk, end(talked, { afterQuiet: [last(2), notices({})] }))).toEqual([12]);
  });

  test("is shown as 100 at most", () => {
    const many = Array.from({ length: 130 }, (_, index) => seen(index + 1, `m${index + 1}`));
    const lines = many.flatMap((message) => [send("a1", message[1]), ...arriveEverywhere(message)]);
    const list = summary("ben", { ana: 130, ben: 0 }, { final: true, unreadCount: 100, headSeq: 130 });
    expect(violated(begin, lines, end(many, { afterQuiet: [list, notices({ ab: 130 })] }))).toEqual([]);
  });
});

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
    expect(violated(begin, bothThere, lines, end([]))).toEqual([]);
  });

  test("shows nobody as offline who is there", () => {
    expect(violated(begin, bothThere, sees("offline"), sees("online", 20_000), end([]))).toEqual([13]);
  });

  test("does not get better by saying the wrong thing again", () => {
    const lines = [sees("offline"), sees("offline", 12_000), sees("online", 12_000)];
    expect(violated(begin, bothThere, lines, end([]))).toEqual([13]);
  });

  test("shows nobody as online for ever who left", () => {
    expect(violated(begin, bothThere, online("closed", "a1"), sees("offline", 40_000), end([]))).toEqual([
      13,
    ]);
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

  test.each(["injected", "quiet"] as const)("also where the wait is cut short: %s", (kind) => {
    const next = kind === "quiet" ? { kind } : { kind, fault: "next", struck: "client" as const };
    const healed: Line = { kind: "healed", fault: "it", struck: "service" };
    const never = (wait: number) => violated(begin, talk, healed, { ...next, wait }, end(talked));
    expect(never(300_000)).toEqual([14]);
    expect(never(4_000)).toEqual([]);
  });
});

describe("15: queues", () => {
  const poison: Line = { kind: "poison", id: "p1" };
  const letter = (id: string): Line => ({ kind: "deadLetter", id, reason: "no" });

  test("run empty, and keep the poison", () => {
    const lines: Line[] = [poison, letter("p1"), { kind: "queues", askedAt: 0, depths: { one: 0 } }];
    expect(violated(begin, talk, lines, end(talked))).toEqual([]);
  });

  test("hold nothing back", () => {
    expect(violated(begin, talk, { kind: "queues", askedAt: 0, depths: { one: 2 } }, end(talked))).toEqual([
      15,
    ]);
  });

  test("run empty soon", () => {
    const empty = (askedAt: number) =>
      end(talked, { afterQuiet: [{ kind: "queues", askedAt, depths: { one: 0 } }] });
    expect(violated(begin, talk, empty(30_000))).toEqual([]);
    expect(violated(begin, talk, empty(40_000))).toEqual([15]);
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
