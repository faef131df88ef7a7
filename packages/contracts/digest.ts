import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { Message } from "./http/conversations.ts";
import { uuidBytes } from "./uuid.ts";

/**
 * The hash chain of a conversation: each message carries the digest of everything up to itself, so two people whose
 * digests at a position are equal have the same messages before it, in the same order. docs/digest.md says what that
 * proves. The same rule stands in services/messages/src/chain.ts, and in SQL in its migrations/002-store-messages.sql.
 */

export const digestBytes = 32;

/**
 * What is hashed for a message, written anew for each, since a page of history has many: the digest before (32 bytes),
 * seq (8, big-endian), sender (16), id (16), SHA-256 of the body in UTF-8 (32).
 */
const link = new Uint8Array(104);
const linkView = new DataView(link.buffer);
const [seqAt, idsAt, bodyAt] = [32, 40, 72];

/** What the chain begins with: SHA-256 of the 16 bytes of the conversation's id. */
export function firstDigest(conversationId: string): Uint8Array {
  return sha256(uuidBytes([conversationId]));
}

/**
 * SHA-256 of what `link` says. Only the hash of the body goes in, so that a body can go and the chain stays whole.
 * Throws where the digest has not 32 bytes, or an id is no UUID.
 */
export function extendDigest(
  digest: Uint8Array,
  { seq, senderId, id, body }: Pick<Message, "seq" | "senderId" | "id" | "body">,
): Uint8Array {
  if (digest.length !== digestBytes) throw new RangeError("A digest has 32 bytes.");
  link.set(digest);
  linkView.setBigUint64(seqAt, BigInt(seq));
  link.set(uuidBytes([senderId, id]), idsAt);
  link.set(sha256(utf8ToBytes(body)), bodyAt);
  return sha256(link);
}

/** As it stands in a message. */
export function toBase64(digest: Uint8Array): string {
  return btoa(String.fromCharCode(...digest));
}

/** Throws where the text is no base64. */
export function fromBase64(text: string): Uint8Array {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = characters.charCodeAt(index);
  return bytes;
}
