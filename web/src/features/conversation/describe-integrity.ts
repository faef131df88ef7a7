import { fromBase64 } from "@gochat/contracts/digest";
import type { Message } from "@gochat/contracts/http/conversations";
import { clock, fullTime, isSameDay } from "../../lib/time.ts";

/** What is known of the record of a conversation. */
export interface RecordState {
  /** Undefined where nothing is held. */
  readonly newest: Message | undefined;
  /** The oldest position that is held. */
  readonly from: number;
  readonly brokenAt: Message | undefined;
  /** Whether there are newer messages that have not come yet. */
  readonly isBehind: boolean;
}

export interface RecordDescription {
  readonly headline: string;
  readonly explanation: string;
  /** What two people can read out to each other. */
  readonly comparison: { readonly seq: number; readonly code: string } | undefined;
  readonly brokenAt: number | null;
}

/** The state of the record in words; `now` in milliseconds since 1970. */
export function describeIntegrity(state: RecordState, now: number): RecordDescription {
  const { newest, from, brokenAt, isBehind } = state;
  if (!newest) {
    return {
      headline: "Nothing written yet",
      explanation: "Each message will be held against the one before it.",
      comparison: undefined,
      brokenAt: null,
    };
  }
  if (brokenAt) {
    return {
      headline: `The record breaks at ${timeOf(brokenAt, now)}`,
      explanation: `Message ${brokenAt.seq} does not fit what came before it: something was changed, lost or put in.`,
      comparison: undefined,
      brokenAt: brokenAt.seq,
    };
  }
  const older = from > 1 ? ` Messages before number ${from} are checked when they are loaded.` : "";
  const newer = isBehind ? " Newer ones are on their way." : "";
  return {
    headline: `Complete and unaltered up to ${timeOf(newest, now)}`,
    explanation: `Each message fits the one before it.${older}${newer}`,
    comparison: { seq: newest.seq, code: codeOf(newest.digest) },
    brokenAt: null,
  };
}

function timeOf({ createdAt }: Message, now: number): string {
  return isSameDay(createdAt, now) ? clock(createdAt) : fullTime(createdAt);
}

/** Without those letters that look or sound like others: people read it out. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The first 60 bits of a digest as three groups of four, in the alphabet of Crockford's Base32. */
function codeOf(digest: string): string {
  const bits = [...fromBase64(digest).slice(0, 8)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const characters = bits.match(/.{5}/g)!.map((five) => alphabet[Number.parseInt(five, 2)]);
  return [0, 4, 8].map((from) => characters.slice(from, from + 4).join("")).join(" ");
}
