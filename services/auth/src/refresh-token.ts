import { createHash, createHmac, randomBytes } from "node:crypto";

/** `<session id>.<32 bytes in base64url>`: opaque to clients. */
const shape = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.[A-Za-z0-9_-]{43}$/;

/** The first token of a session. */
export function newRefreshToken(sessionId: string): string {
  return `${sessionId}.${randomBytes(32).toString("base64url")}`;
}

/** The session that a token names, which proves nothing yet; undefined where it has not the shape of a token. */
export function sessionIdOf(token: string | undefined): string | undefined {
  return token === undefined ? undefined : shape.exec(token)?.[1];
}

/**
 * The token that replaces this one. Derived, so that a client that lost the answer (or two tabs that asked at once)
 * gets the same successor again though only hashes are stored; keyed, so that a thief of one cannot make the next.
 */
export function successorOf(token: string, refreshSecret: Uint8Array): string {
  const [sessionId] = token.split(".", 1);
  return `${sessionId}.${createHmac("sha256", refreshSecret).update(token).digest("base64url")}`;
}

/** What is stored. A token has 256 random bits, so a plain hash is enough. */
export function hashOfToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
