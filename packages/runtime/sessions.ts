import type { SessionRevoked } from "@gochat/contracts/events/user-events";
import { createLocalJWKSet, jwtVerify } from "jose";
import { LRUCache } from "lru-cache";
import { accessCookieName, parseCookies } from "./cookies.ts";
import type { Keys } from "./keys.ts";
import type { Settings } from "./settings.ts";

/** What a verified access token says. */
export interface Identity {
  readonly userId: string;
  readonly sessionId: string;
  readonly username: string;
  /** When the token ends, milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Who is asking, in every service: verifies access tokens and knows the sessions that have ended. */
export interface Sessions {
  /** The identity in a Cookie header; null for a guest, an expired or forged token, or an ended session. */
  identify(cookieHeader: string | undefined): Promise<Identity | null>;
  /** Refuses the session's tokens from now on and tells the listeners. Idempotent. */
  end(revoked: SessionRevoked): void;
  /** Calls the listener for each session that ends. Returns the way to stop. */
  onEnd(listener: (revoked: SessionRevoked) => void): () => void;
}

interface SessionsOptions {
  readonly keys: Keys;
  readonly settings: Pick<Settings, "publicUrl">;
  readonly clock: () => number;
}

/** Verifying an EdDSA token costs a quarter of a millisecond, so a verified one is remembered until it ends. */
const rememberedTokens = 20_000;

export function createSessions({ keys, settings, clock }: SessionsOptions): Sessions {
  const keySet = createLocalJWKSet({ keys: [...keys.verification] });
  const cookieName = accessCookieName(settings.publicUrl);
  const verified = new LRUCache<string, Identity>({ max: rememberedTokens });
  /** Session id → when its last token ends by itself, and nothing need remember it any more. */
  const ended = new Map<string, number>();
  const listeners = new Set<(revoked: SessionRevoked) => void>();

  async function verify(token: string): Promise<Identity | null> {
    const known = verified.get(token);
    if (known) return known;
    try {
      const { payload } = await jwtVerify(token, keySet, {
        algorithms: ["EdDSA"],
        currentDate: new Date(clock()),
        requiredClaims: ["sub", "sid", "username", "exp"],
      });
      const { sub, sid, username, exp } = payload;
      if (!sub || typeof sid !== "string" || typeof username !== "string" || !exp) return null;
      const identity = { userId: sub, sessionId: sid, username, expiresAt: exp * 1000 };
      verified.set(token, identity);
      return identity;
    } catch {
      return null;
    }
  }

  function forgetPast(now: number): void {
    for (const [sessionId, until] of ended) if (until < now) ended.delete(sessionId);
  }

  return {
    async identify(cookieHeader) {
      const token = parseCookies(cookieHeader)[cookieName];
      if (!token) return null;
      const identity = await verify(token);
      if (!identity || identity.expiresAt <= clock() || ended.has(identity.sessionId)) return null;
      return identity;
    },
    end(revoked) {
      forgetPast(clock());
      const isNew = !ended.has(revoked.sessionId);
      ended.set(revoked.sessionId, Date.parse(revoked.tokensEndAt));
      if (isNew) for (const listener of listeners) listener(revoked);
    },
    onEnd(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
