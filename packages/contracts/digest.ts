import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Message } from "./http/conversations.ts";

/**
 * The hash chain of a conversation: each message carries the digest of everything up to itself, so two people whose
 * digests at a position are equal have the same messages before it, in the same order. docs/digest.md says what that
 * proves. The same rule stands in services/messages/src/chain.ts, and in SQL in its migrations/002-store-messages.sql.
 */

/** What the chain begins with: SHA-256 of the 16 bytes of the conversation's id. */
export function firstDigest(conversationId: string): Uint8Array {
  return sha256(uuidBytes(conversationId));
}

/**
 * SHA-256 of: the digest before (32 bytes), seq (8, big-endian), sender (16), id (16), SHA-256 of the body in UTF-8 (32).
 * Only the hash of the body goes in, so that a body can go and the chain stays whole.
 */
export function extendDigest(
  digest: Uint8Array,
  { seq, senderId, id, body }: Pick<Message, "seq" | "senderId" | "id" | "body">,
): Uint8Array {
  const position = new Uint8Array(8);
  new DataView(position.buffer).setBigUint64(0, BigInt(seq));
  const bodyDigest = sha256(utf8ToBytes(body));
  return sha256(concatBytes(digest, position, uuidBytes(senderId), uuidBytes(id), bodyDigest));
}

/** As it stands in a message. */
export function toBase64(digest: Uint8Array): string {
  return btoa(String.fromCharCode(...digest));
}

/** Throws where the text is no base64. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function uuidBytes(uuid: string): Uint8Array {
  return hexToBytes(uuid.replaceAll("-", ""));
}
