import { invalidInput } from "@gochat/contracts/errors";
import type { Message } from "@gochat/contracts/http/conversations";

/** What of a conversation's history is asked for. */
export interface PageQuery {
  readonly before?: number;
  readonly after?: number;
  readonly around?: number;
  readonly limit: number;
}

/** A page in two halves: the newest `older` messages below `pivot`, and the oldest `newer` ones from it on. */
export interface PagePlan {
  readonly pivot: number;
  readonly older: number;
  readonly newer: number;
}

/** Throws INVALID_INPUT where more than one place is named. None means the newest page. */
export function planPage({ before, after, around, limit }: PageQuery): PagePlan {
  const named = [before, after, around].filter((place) => place !== undefined);
  if (named.length > 1) {
    throw invalidInput({ path: "", message: "gives more than one of before, after and around" });
  }
  if (after !== undefined) return { pivot: after + 1, older: 0, newer: limit };
  if (around !== undefined) {
    const older = Math.floor(limit / 2);
    return { pivot: around, older, newer: limit - older };
  }
  return { pivot: before ?? Number.MAX_SAFE_INTEGER, older: limit, newer: 0 };
}

/** The answer for the messages found. The log is dense, so positions alone tell what lies on either side. */
export function describePage(plan: PagePlan, messages: readonly Message[], head: number) {
  // A message may have been stored between the two reads: the head is never behind what is shown.
  const headSeq = Math.max(head, messages.at(-1)?.seq ?? 0);
  const first = messages[0]?.seq ?? Math.max(1, Math.min(plan.pivot, headSeq + 1));
  const last = messages.at(-1)?.seq ?? first - 1;
  return { messages: [...messages], headSeq, hasMoreBefore: first > 1, hasMoreAfter: last < headSeq };
}

/** Whether nothing stored later can change this page: all its places are taken, and messages stay as they are. */
export function isImmutable(plan: PagePlan, messages: readonly Message[], head: number): boolean {
  return plan.newer === 0 && plan.pivot <= head + 1 && messages.length === plan.older;
}
