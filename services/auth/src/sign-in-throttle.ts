import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { GoChatError } from "@gochat/contracts/errors";
import type { Queryable } from "@gochat/database/database";
import {
  type Attempts,
  countAttempt,
  forgetAttempts,
  sumAttempts,
  uncountAttempt,
} from "./sign-in-attempts-store.ts";

export const throttle = {
  /** For one e-mail from one network. */
  maxFailures: 10,
  /** For one e-mail from everywhere: high, since whoever reaches it keeps its owner out as well. */
  maxFailuresOfEmail: 100,
  windowMs: 15 * 60 * 1000,
} as const;

interface Guarded {
  /** Folded. */
  readonly email: string;
  /** The client's IP address, where it is known. */
  readonly address: string | null;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** How long somebody must wait who tried more than `most` times in a window; 0 while they may go on. */
export function waitAfter({ failures, since }: Attempts, most: number, now: number): number {
  if (failures <= most) return 0;
  return Math.max(1000, since.getTime() + throttle.windowMs - now);
}

/** An IPv4 address, or the /64 of an IPv6 one: what one household or machine has, and can move about in. */
export function networkOf(address: string | null): string {
  const [plain = ""] = (address ?? "").split("%");
  if (!isIPv6(plain)) return plain;
  // A URL writes every IPv6 address in one way, dotted endings too.
  const [head = "", tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split("::");
  const [before, after] = [head, tail ?? ""].map((side) => side.split(":").filter((group) => group !== ""));
  const zeros = new Array<string>(8 - before!.length - after!.length).fill("0");
  return `${[...before!, ...zeros, ...after!].slice(0, 4).join(":")}::/64`;
}

/**
 * Guards one e-mail against guessing, whether or not it is anybody's. Each attempt is counted before its password
 * is checked, so that a hundred at once are no way around; the right password forgets those of its own network, and
 * what was not decided (BUSY, a lost database) is taken back.
 */
export async function guardSignIn<Result>(
  database: Queryable,
  { email, address, now }: Guarded,
  attempt: () => Promise<Result | undefined>,
): Promise<Result | undefined> {
  const emailHash = createHash("sha256").update(email).digest();
  const key = { emailHash, network: networkOf(address) };
  const { maxFailures, maxFailuresOfEmail, windowMs } = throttle;
  const windowStart = new Date(now - windowMs);
  const own = await countAttempt(database, key, { now: new Date(now), windowStart, most: maxFailures + 1 });
  refuse(waitAfter(own, maxFailures, now));
  let result: Result | undefined;
  try {
    const all = await sumAttempts(database, emailHash, { windowStart, mostOfNetwork: maxFailures });
    if (all) refuse(waitAfter(all, maxFailuresOfEmail, now));
    result = await attempt();
  } catch (error) {
    await uncountAttempt(database, key);
    throw error;
  }
  if (result !== undefined) await forgetAttempts(database, key);
  return result;
}

function refuse(retryAfterMs: number): void {
  if (retryAfterMs === 0) return;
  throw new GoChatError("RATE_LIMITED", "Too many wrong passwords for this e-mail.", { retryAfterMs });
}
