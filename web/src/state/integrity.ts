import { extendDigest, firstDigest, fromBase64, toBase64 } from "@gochat/contracts/digest";
import type { Message } from "@gochat/contracts/http/conversations";

/** What the hash chain says of the messages that this device holds of a conversation; docs/digest.md has the meaning. */
export interface Integrity {
  /** From here on, to `to`, each message was held against the one before it. Nothing was where `from > to`. */
  readonly from: number;
  readonly to: number;
  /** The lowest position whose message does not fit; null where all fit. */
  readonly brokenAt: number | null;
}

export const nothingChecked: Integrity = { from: 1, to: 0, brokenAt: null };

/**
 * Checks what was not checked before. `messages` is a stretch without holes, ascending. After a break everything is
 * checked anew, since what was fetched again may have mended it.
 */
export function checkDigests(
  before: Integrity,
  conversationId: string,
  messages: readonly Message[],
): Integrity {
  const first = messages[0];
  const last = messages.at(-1);
  if (!first || !last) return nothingChecked;
  const [from, to] = [first.seq, last.seq];
  const isPart = before.from <= before.to && before.from >= from && before.to <= to;
  const known = isPart && before.brokenAt === null ? before : { from: to + 1, to };
  const isKnown = (seq: number) => seq > known.from && seq <= known.to;
  const broken = messages.find(
    (message, index) => !isKnown(message.seq) && !fits(messages[index - 1], message, conversationId),
  );
  return { from, to, brokenAt: broken?.seq ?? null };
}

/** The first message that is held has nothing before it to be held against, unless it is the very first. */
function fits(previous: Message | undefined, message: Message, conversationId: string): boolean {
  if (!previous && message.seq > 1) return true;
  try {
    const before = previous ? fromBase64(previous.digest) : firstDigest(conversationId);
    return toBase64(extendDigest(before, message)) === message.digest;
  } catch {
    // What is no digest fits nothing.
    return false;
  }
}
