import type { Entry, Fact, Seen } from "../history.ts";
import { startJudging, type Verdict } from "./judge.ts";

/** A line of a made-up history: it happens 10 ms after the one before, or `wait` milliseconds. */
export type Line = Fact & { readonly wait?: number };

/** Ana has two devices and Ben one; Eve is in no conversation with them. */
export const begin: Line[] = [
  {
    kind: "run",
    mode: "made up",
    seed: 1,
    people: ["ana", "ben", "eve"],
    devices: { a1: "ana", a2: "ana", b1: "ben", e1: "eve" },
    conversations: { ab: ["ana", "ben"] },
  },
  ...["a1", "a2", "b1"].map((device): Line => ({ kind: "opened", socket: "chat", device, connection: 1 })),
];

export function send(device: string, id: string, more: { bad?: true } = {}): Line {
  return { kind: "sent", device, connection: 1, conversation: "ab", id, hash: id, ...more };
}

export function seen(seq: number, id: string, sender = "ana", hash = id): Seen {
  return [seq, id, sender, hash];
}

/** The frame at one device, which applies it. */
export function arrive(device: string, message: Seen, applied = message[0]): Line {
  return { kind: "stored", device, conversation: "ab", message, applied };
}

/** The frame at all devices. */
export function arriveEverywhere(message: Seen): Line[] {
  return ["a1", "a2", "b1"].map((device) => arrive(device, message));
}

export function page(
  device: string,
  after: number,
  messages: Seen[],
  more: { askedAt?: number; applied?: number } = {},
): Line {
  const headSeq = messages.at(-1)?.[0] ?? after;
  const base = { kind: "page", device, conversation: "ab", askedAt: 0, after, headSeq, messages };
  return { ...base, applied: headSeq, ...more } as Line;
}

export function read(person: string, readSeq: number, device = "a1"): Line {
  return { kind: "read", device, conversation: "ab", person, readSeq };
}

export function readSent(device: string, seq: number): Line {
  return { kind: "readSent", device, conversation: "ab", seq };
}

export function socket(kind: "opened" | "closed", device: string): Line {
  return { kind, socket: "chat", device, connection: 1 };
}

/** The list as it must be, asked for at the beginning. */
export function summaryOf(
  person: string,
  messages: readonly Seen[],
  readSeqs: Record<string, number> = {},
  more: { settled?: true } = {},
): Extract<Line, { kind: "summary" }> {
  const lastOf = (sender: string) => messages.findLast(([, , senderId]) => senderId === sender)?.[0] ?? 0;
  const reads = { ana: lastOf("ana"), ben: lastOf("ben"), ...readSeqs };
  const unreadCount = unreadOf(person, messages, reads);
  const base = { kind: "summary", person, conversation: "ab", askedAt: 0, headSeq: messages.length } as const;
  return { ...base, unreadCount, readSeqs: reads, ...more };
}

function unreadOf(person: string, messages: readonly Seen[], readSeqs: Record<string, number>): number {
  return messages.filter(([seq, , senderId]) => senderId !== person && seq > (readSeqs[person] ?? 0)).length;
}

interface Ending {
  /** Instead of what is recorded of this kind otherwise. */
  readonly afterQuiet?: Line[];
  readonly headSeq?: number;
  /** Where they are past one's own messages. */
  readonly readSeqs?: Record<string, number>;
}

/** Everything is quiet, and both read what there is. */
export function end(messages: Seen[], more: Ending = {}): Line[] {
  const headSeq = more.headSeq ?? messages.length;
  const { afterQuiet = [], readSeqs } = more;
  const lists = ["ana", "ben"].map((person) => summaryOf(person, messages, readSeqs, { settled: true }));
  const notices = ["ana", "ben", "eve"].map((person): Line => {
    const { unreadCount = 0 } = lists.find((list) => list.person === person) ?? {};
    return { kind: "notices", person, unread: unreadCount > 0 ? { ab: unreadCount } : {} };
  });
  const isGiven = (line: Line) =>
    afterQuiet.some(
      (given) =>
        given.kind === line.kind &&
        (!("person" in given) || !("person" in line) || given.person === line.person),
    );
  const looked: Line[] = [...lists, ...notices, { kind: "queues", askedAt: 0, depths: {} }];
  return [
    { kind: "quiet" },
    { kind: "settled" },
    ...afterQuiet,
    ...looked.filter((line) => !isGiven(line)),
    { kind: "end" },
    ...["ana", "ben"].map(
      (person): Line => ({ kind: "history", person, conversation: "ab", headSeq, messages }),
    ),
  ];
}

/** Everything is quiet, both read what there is, and go on. */
export function pause(messages: Seen[], more: Ending = {}): Line[] {
  const ending = end(messages, more).filter(({ kind }) => kind !== "history");
  return ending.map((line): Line => (line.kind === "end" ? { kind: "resumed" } : line));
}

/** Two messages as they should be, read by nobody. */
export const talk: Line[] = [
  send("a1", "m1"),
  ...arriveEverywhere(seen(1, "m1")),
  send("a1", "m2"),
  ...arriveEverywhere(seen(2, "m2")),
];
export const talked = [seen(1, "m1"), seen(2, "m2")];

export function judge(...lines: (Line | Line[])[]): Verdict {
  const judging = startJudging();
  let t = 0;
  for (const { wait = 10, ...fact } of lines.flat()) {
    t += wait;
    judging.take({ t, ...fact } as Entry);
  }
  return judging.finish();
}

/** Which invariants are violated, in order, each once. */
export function violated(...lines: (Line | Line[])[]): number[] {
  return [...new Set(judge(...lines).violations.map(({ invariant }) => invariant))];
}
