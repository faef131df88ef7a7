import type { Entry } from "../history.ts";
import type { Ledger } from "./ledger.ts";

/** What is missing from a history is no violation of the promise, and no proof of it either. */
export const incomplete = 0;

/** The sixteen, in the words of the promise. */
export const invariants: Readonly<Record<number, string>> = {
  [incomplete]: "the history is incomplete, and what it does not show cannot be judged",
  1: "an acknowledged message is in both histories exactly once, same position, same bytes",
  2: "nothing appears that was not sent by that person in that conversation",
  3: "an id appears once in history and once on each device",
  4: "positions are 1…head without holes, and what stands at one never changes",
  5: "acknowledged before another was sent: lower position",
  6: "the messages of one device keep their order",
  7: "what a device applied is a contiguous prefix, and soon the whole history",
  8: "read your own writes, monotonic reads, writes follow reads",
  9: "an unknown outcome is nothing or one message, after the retry exactly one, and every send is answered",
  10: "a refusal is final, and nothing is refused without a cause",
  11: "read positions never move back, nor past what was shown",
  12: "unread is the number that it is defined as",
  13: "presence is right, but for bounded times",
  14: "sending works again soon after a fault is healed",
  15: "queues run empty, and dead letters are exactly the injected poison",
  16: "no socket gets a frame of a conversation that it is not in",
};

export interface Violation {
  readonly invariant: number;
  readonly text: string;
  /** The smallest set of lines of the history that shows it, as line numbers from 1. */
  readonly lines: readonly number[];
}

type Report = (invariant: number, text: string, ...lines: (number | undefined)[]) => void;

/** Judges one or more invariants while the history passes by once, line for line. */
interface Judge {
  take(entry: Entry, line: number): void;
  /** The history is over, and the ledger complete. */
  finish(): void;
}

export type CreateJudge = (ledger: Ledger, report: Report) => Judge;
