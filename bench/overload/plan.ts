import type { LoadPlan } from "../load/plan.ts";

/** More than the server can take, by the clock. */
export interface OverloadPlan {
  readonly pairs: LoadPlan["pairs"];
  readonly perSecond: number;
  readonly seconds: number;
  /** Messages that a sender sends one right behind the other; a whole number. */
  readonly atOnce: number;
}

/** What became of it. An attempt is a message sent, for the first time or again after a refusal. */
export interface OverloadResult {
  readonly attempts: number;
  /** Messages whose sender was told that they are stored. */
  readonly stored: number;
  /** Messages that reached their recipient's socket. */
  readonly received: number;
  /** Of those stored, the ones within the time. */
  readonly storedPerSecond: number;
  readonly refused: Readonly<Record<string, number>>;
  /** From an attempt until it was refused, milliseconds. */
  readonly refusedP50: number;
  readonly refusedP99: number;
  readonly refusedMax: number;
  /** Attempts that were answered neither way 30 s after the end. */
  readonly unanswered: number;
  /** Not even attempted: the socket took no more, since the server had stopped reading, or the generator had no time. */
  readonly heldBack: number;
}
