import { timingSafeEqual } from "node:crypto";
import { lifetimes } from "@gochat/contracts/limits";

/** The part of a session that its refresh is decided by. Hashes are SHA-256. */
export interface SessionState {
  readonly tokenHash: Uint8Array;
  readonly previousTokenHash: Uint8Array | null;
  readonly rotatedAt: Date | null;
  readonly lastUsedAt: Date;
  readonly endedAt: Date | null;
}

/**
 * `rotate`: the current token; the successor takes its place.
 * `repeat`: the previous token within the grace; it gets the same successor again.
 * `reuse`: any other token of the session, so two hold it and one of them stole it: the session ends.
 * `expired`: the session has ended, or nobody used it for too long.
 */
export type RefreshVerdict = "rotate" | "repeat" | "reuse" | "expired";

/** Refresh token rotation with reuse detection (RFC 9700, section 4.14.2). `now` in milliseconds since 1970. */
export function judgeRefresh(session: SessionState, presentedHash: Uint8Array, now: number): RefreshVerdict {
  if (session.endedAt || isIdle(session.lastUsedAt, now)) return "expired";
  if (timingSafeEqual(session.tokenHash, presentedHash)) return "rotate";
  return isWithinGrace(session, presentedHash, now) ? "repeat" : "reuse";
}

function isWithinGrace(session: SessionState, presentedHash: Uint8Array, now: number): boolean {
  const { previousTokenHash, rotatedAt } = session;
  if (!previousTokenHash || !rotatedAt || !timingSafeEqual(previousTokenHash, presentedHash)) return false;
  return now - rotatedAt.getTime() <= lifetimes.refreshGrace * 1000;
}

/** Whether a live session's current or previous token was presented: enough to end the session. */
export function knowsSession(session: SessionState, presentedHash: Uint8Array): boolean {
  return [session.tokenHash, session.previousTokenHash].some(
    (known) => known !== null && timingSafeEqual(known, presentedHash),
  );
}

function isIdle(lastUsedAt: Date, now: number): boolean {
  return lastUsedAt.getTime() < idleSince(now).getTime();
}

/** A session last used before this has ended. */
export function idleSince(now: number): Date {
  return new Date(now - lifetimes.session * 1000);
}

/** The device that a person sees in the list of sessions. */
export interface Device {
  readonly userAgent: string | null;
  readonly ip: string | null;
}

const maxUserAgentLength = 256;

/** Cuts the header to size; an IPv4 address that came through an IPv6 socket is shown as one. */
export function describeDevice(request: { userAgent: string | null; ip: string }): Device {
  return {
    userAgent: request.userAgent?.slice(0, maxUserAgentLength) ?? null,
    ip: request.ip.replace(/^::ffff:(?=\d+\.)/, "").slice(0, 64),
  };
}
