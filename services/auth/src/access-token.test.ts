import { createKeys } from "@gochat/runtime/keys";
import { createLocalJWKSet, jwtVerify } from "jose";
import { expect, test } from "vitest";
import { accessTokenEnd, createAccessTokens } from "./access-token.ts";

const claims = {
  userId: "0b0e7a5c-7d0e-4f44-9e39-0d6a3c7f3f11",
  sessionId: "5f0b7e0a-52f2-4d3e-8a42-6c4bb9e0a001",
  username: "ana",
};

test("an access token says who, for which session, and ends within ten minutes", async () => {
  const keys = await createKeys();
  const now = Date.parse("2030-01-01T00:00:00.900Z");
  const issue = await createAccessTokens(keys.signing!);
  const { payload, protectedHeader } = await jwtVerify(
    await issue(claims, now),
    createLocalJWKSet({ keys: [...keys.verification] }),
    { algorithms: ["EdDSA"], currentDate: new Date(now) },
  );
  expect(protectedHeader).toEqual({ alg: "EdDSA", kid: keys.verification[0]!.kid });
  expect(payload).toEqual({
    sub: claims.userId,
    sid: claims.sessionId,
    username: "ana",
    iat: 1893456000,
    exp: 1893456600,
  });
  expect(accessTokenEnd(now).toISOString()).toBe("2030-01-01T00:10:00.000Z");
});
