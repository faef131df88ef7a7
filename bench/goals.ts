import { besideName, type LoadName } from "./load/loads.ts";
import type { Findings } from "./scenario.ts";

/** What is wanted of a number, and what it must be at least (or at most). */
interface Goal {
  readonly what: string;
  readonly goal: number;
  readonly atLeast: number;
  readonly isMoreBetter: boolean;
  /** Undefined where this run did not measure it. */
  find(findings: Findings): number | undefined;
}

const more = (what: string, goal: number, atLeast: number, find: Goal["find"]): Goal => {
  return { what, goal, atLeast, isMoreBetter: true, find };
};
const less = (what: string, goal: number, atLeast: number, find: Goal["find"]): Goal => {
  return { what, goal, atLeast, isMoreBetter: false, find };
};

/** In the order in which they are printed. Ratios are of figures of one run, so that the machine matters less. */
const goals: readonly Goal[] = [
  more("messages/s, stack, over relay", 0.4, 0.2, ratioInTurn("perSecond", "stack", "relay", "busy")),
  more("messages/s, embedded, over relay", 0.5, 0.3, ratioInTurn("perSecond", "embedded", "relay", "busy")),
  more("messages/s, stack, over ejabberd", 12, 6, ratioInTurn("perSecond", "stack", "ejabberd", "busy")),
  less("p99 at 500/s, stack, over ejabberd's", 0.7, 1, ratioInTurn("p99", "stack", "ejabberd", "500/s")),
  less(
    "p99 at 2,000/s, stack, over ejabberd's",
    0.7,
    1,
    ratioOf("p99", "stack, 2,000/s", "ejabberd, 2,000/s"),
  ),
  less(
    "KiB of an idle chat socket in the process",
    12,
    20,
    figure("sockets: chat, memory a socket in the process"),
  ),
  less("MB of the embedded process tree at rest", 150, 220, figure("embedded: memory at rest")),
  less(
    "newest page, p99 of a million over a thousand",
    1.2,
    2,
    figure("reads: newest page, p99 of a million over a thousand"),
  ),
  less("s until 10,000 sockets are back", 20, 60, figure("reconnect: all sockets back after")),
  less(
    "history queries of those who missed nothing",
    0,
    0,
    figure("reconnect: heads that would lead to a history query of others"),
  ),
  more(
    "ten times the load: accepted, of capacity",
    0.9,
    0.8,
    figure("overload: accepted, of the mean capacity before and after"),
  ),
  less(
    "ten times the load: ms to the last refusal",
    1_000,
    1_000,
    figure("overload: from the attempt to its refusal, longest"),
  ),
  more("ten times the load: BUSY, of all refused", 1, 1, figure("overload: refused as BUSY, of all refused")),
  less(
    "ten times the load: memory, second half over first",
    1.1,
    1.25,
    figure("overload: memory at most, second half over first"),
  ),
  less("ten times the load: without an answer", 0, 0, figure("overload: attempts without an answer")),
  less(
    "ten times the load: told stored, and not in the log",
    0,
    0,
    figure("overload: told stored, and not in the log, or the reverse"),
  ),
  less(
    "ten times the load: told stored, and not at the recipient",
    0,
    0,
    figure("overload: told stored, and not at the recipient, or the reverse"),
  ),
  more("slow readers closed, of 200", 200, 200, figure("slow readers: closed by the rule")),
  less(
    "slow readers: p99 of the others, over before",
    1.2,
    1.5,
    figure("slow readers: p99 of the others, over before"),
  ),
  less(
    "kB of the web client, first load of a conversation",
    120,
    170,
    figure("web: first load of a conversation, gzip"),
  ),
  more("frames a second while scrolling", 60, 55, figure("web: scrolling, frames")),
  less("ms of the longest frame while scrolling", 50, 50, figure("web: scrolling, the longest frame")),
];

/** Rows of the table of goals; those that this run did not measure are left out, or say so in a `whole` run. */
export function judgeGoals(findings: Findings, whole = false): string[][] {
  return goals.flatMap(({ what, goal, atLeast, isMoreBetter, find }) => {
    const value = find(findings);
    if (value === undefined || Number.isNaN(value))
      return whole ? [[what, "", String(goal), String(atLeast), "not measured"]] : [];
    const reaches = (limit: number) => (isMoreBetter ? value >= limit : value <= limit);
    const verdict = reaches(goal) ? "reached" : reaches(atLeast) ? "within" : "missed";
    return [[what, value.toFixed(value < 10 ? 2 : 0), String(goal), String(atLeast), verdict]];
  });
}

/** Of two that were driven in turn. */
function ratioInTurn(part: "perSecond" | "p99", one: string, other: string, load: LoadName): Goal["find"] {
  return ratioOf(part, `${besideName(one, other)}, ${load}`, `${besideName(other, one)}, ${load}`);
}

function ratioOf(part: "perSecond" | "p99", one: string, other: string): Goal["find"] {
  return ({ loads = {} }) => {
    const [above, below] = [loads[one]?.[part], loads[other]?.[part]];
    return above === undefined || below === undefined ? undefined : above / below;
  };
}

function figure(name: string): Goal["find"] {
  return ({ figures = [] }) => figures.find(({ what }) => what === name)?.value;
}
