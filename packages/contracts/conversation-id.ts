/**
 * The id of the direct conversation of two people: the exclusive or of their two ids (UUID version 4),
 * marked as version 8 (RFC 9562, section 5.8: "experimental or vendor-specific").
 *
 * It needs no look-up and it can be inverted: whoever knows the conversation and one member knows the other.
 * So the chat service, which owns nothing durable, derives who may get a frame, and a stranger who names a
 * conversation derives an id that belongs to nobody. See docs/decisions/0007-invertible-conversation-ids.md.
 */
export function directConversationId(userA: string, userB: string): string {
  return exclusiveOr(userA, userB, "8");
}

/** The other member of a direct conversation. For a stranger's id the answer is an id that nobody has. */
export function otherMember(conversationId: string, userId: string): string {
  return exclusiveOr(conversationId, userId, "4");
}

/** Which partition a conversation's events travel in: 0 … count − 1. FNV-1a over the id, 32 bits. */
export function partitionOf(conversationId: string, count: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < conversationId.length; index++) {
    hash = Math.imul(hash ^ conversationId.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % count;
}

function exclusiveOr(a: string, b: string, version: "4" | "8"): string {
  const digits = (from: number, to: number) => {
    let text = "";
    for (let index = from; index < to; index++) {
      text += (Number.parseInt(a[index]!, 16) ^ Number.parseInt(b[index]!, 16)).toString(16);
    }
    return text;
  };
  // The digit after the third dash carries the variant in its two high bits (binary 10) and two random bits.
  const variant = ((Number.parseInt(a[19]!, 16) ^ Number.parseInt(b[19]!, 16)) & 0b0011) | 0b1000;
  return [
    digits(0, 8),
    digits(9, 13),
    version + digits(15, 18),
    variant.toString(16) + digits(20, 23),
    digits(24, 36),
  ].join("-");
}
