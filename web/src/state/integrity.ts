import { extendDigest, firstDigest, fromBase64, toBase64 } from "@gochat/contracts/digest";
import type { Message } from "@gochat/contracts/http/conversations";
import { startsWith } from "../lib/starts-with.ts";

/** What the hash chain says of the messages that this device holds of a conversation; docs/digest.md has the meaning. */
export interface Integrity {
  /** From here on, to `to`, each message was held against the one before it, or is behind a break. Nothing: `from > to`. */
  readonly from: number;
  readonly to: number;
  /** The lowest position whose message does not fit; null where all fit. */
  readonly brokenAt: number | null;
  /** The lowest message that fitted, and that the server later gave out with another digest. */
  readonly replaced?: Pick<Message, "seq" | "digest"> | undefined;
}

export const nothingChecked: Integrity = { from: 1, to: 0, brokenAt: null };

/**
 * Checks what was not checked before: `messages` now that `held` were here, each a stretch without holes, ascending.
 * After a break everything is checked anew, since what was fetched again may have mended it; only what comes behind
 * mends nothing. A past that was replaced may fit in itself, so it counts as broken until the server gives out the
 * first one again.
 */
export function checkDigests(
  before: Integrity,
  conversationId: string,
  held: readonly Message[],
  messages: readonly Message[],
): Integrity {
  const first = messages[0];
  const last = messages.at(-1);
  if (!first || !last) return nothingChecked;
  const [from, to] = [first.seq, last.seq];
  const isAllChecked = before.from === held[0]?.seq && before.to === held.at(-1)?.seq;
  if (isAllChecked && messages.length > held.length && startsWith(messages, held)) {
    return { ...before, to, brokenAt: before.brokenAt ?? findBreak(conversationId, messages, held.length) };
  }
  const heldAt = (seq: number) => held[seq - (held[0]?.seq ?? 0)];
  const isPart = before.from <= before.to && before.from >= from && before.to <= to;
  const known = isPart && before.brokenAt === null ? before : { from: to + 1, to };
  const isKnown = (message: Message) =>
    message.seq > known.from && message.seq <= known.to && heldAt(message.seq) === message;
  const broken = messages.find((message, index) => {
    const previous = messages[index - 1];
    const isSeamOld = previous === undefined || heldAt(previous.seq) === previous;
    return !(isKnown(message) && isSeamOld) && !fits(previous, message, conversationId);
  });
  const replaced = findReplaced(before, heldAt, messages);
  const breaks = [broken?.seq, replaced?.seq].filter((seq) => seq !== undefined);
  return {
    from,
    to,
    brokenAt: breaks.length > 0 ? Math.min(...breaks) : null,
    ...(replaced && { replaced }),
  };
}

/** The first break among what was appended: what is appended mends nothing and replaces nothing. */
function findBreak(conversationId: string, messages: readonly Message[], start: number): number | null {
  for (let index = start; index < messages.length; index++) {
    const message = messages[index]!;
    if (!fits(messages[index - 1], message, conversationId)) return message.seq;
  }
  return null;
}

function findReplaced(
  before: Integrity,
  heldAt: (seq: number) => Message | undefined,
  messages: readonly Message[],
): Integrity["replaced"] {
  const now = messages.find((message) => message.seq === before.replaced?.seq);
  if (before.replaced && now?.digest !== before.replaced.digest) return before.replaced;
  const fittedUntil = before.brokenAt ?? before.to + 1;
  const changed = messages.find(({ seq, digest }) => {
    const first = heldAt(seq);
    return first !== undefined && seq >= before.from && seq < fittedUntil && first.digest !== digest;
  });
  return changed && heldAt(changed.seq);
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
