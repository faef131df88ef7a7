import { lifetimes } from "@gochat/contracts/limits";
import { importJWK, type JWK, SignJWT } from "jose";

/** Who a token speaks for. */
interface Claims {
  readonly userId: string;
  readonly sessionId: string;
  readonly username: string;
}

/** Signs access tokens. `now` is in milliseconds since 1970; a token made then ends at `accessTokenEnd(now)`. */
export type IssueAccessToken = (claims: Claims, now: number) => Promise<string>;

export async function createAccessTokens(signing: JWK): Promise<IssueAccessToken> {
  const key = await importJWK(signing, "EdDSA");
  const header = { alg: "EdDSA", ...(signing.kid !== undefined && { kid: signing.kid }) };
  return ({ userId, sessionId, username }, now) =>
    new SignJWT({ sid: sessionId, username })
      .setProtectedHeader(header)
      .setSubject(userId)
      .setIssuedAt(seconds(now))
      .setExpirationTime(seconds(now) + lifetimes.accessToken)
      .sign(key);
}

/** When a token that is issued now ends: what is remembered of an ended session until then. */
export function accessTokenEnd(now: number): Date {
  return new Date((seconds(now) + lifetimes.accessToken) * 1000);
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
