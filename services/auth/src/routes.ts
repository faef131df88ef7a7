import { GoChatError } from "@gochat/contracts/errors";
import * as endpoints from "@gochat/contracts/http/auth";
import { refreshCookieName } from "@gochat/runtime/cookies";
import type { HttpServer } from "@gochat/runtime/http-server";
import type { Keys } from "@gochat/runtime/keys";
import { foldNames } from "./account.ts";
import { findAccountOfSession } from "./accounts-store.ts";
import { changePassword } from "./commands/change-password.ts";
import { refreshSession } from "./commands/refresh-session.ts";
import { revokeSession } from "./commands/revoke-session.ts";
import { signIn } from "./commands/sign-in.ts";
import { signOut } from "./commands/sign-out.ts";
import { signUp } from "./commands/sign-up.ts";
import type { TokenCookies } from "./cookies.ts";
import type { Parts } from "./parts.ts";
import { toPublicKey } from "./public-key.ts";
import { describeDevice, idleSince } from "./session.ts";
import { listLiveSessions } from "./sessions-store.ts";

interface RouteParts extends Parts {
  readonly cookies: TokenCookies;
  readonly verificationKeys: Keys["verification"];
}

/** Generous enough for a family or an office behind one address. */
const rateLimits = {
  signUp: { max: 100, windowSeconds: 10 * 60 },
  signIn: { max: 100, windowSeconds: 5 * 60 },
  changePassword: { max: 10, windowSeconds: 5 * 60 },
};

export function registerRoutes(http: HttpServer, parts: RouteParts): void {
  registerSigningIn(http, parts);
  registerSessions(http, parts);

  const publicKeys = parts.verificationKeys.map(toPublicKey);
  http.route(endpoints.publicKeys, async () => ({ keys: publicKeys }));
}

function registerSigningIn(http: HttpServer, parts: RouteParts): void {
  const { cookies } = parts;

  http.route(
    endpoints.signUp,
    async (request, reply) => {
      const { user, tokens } = await signUp({ ...request.body, device: describeDevice(request) }, parts);
      cookies.set(reply, tokens);
      return { user };
    },
    { fold: foldNames, rateLimit: rateLimits.signUp },
  );

  http.route(
    endpoints.signIn,
    async (request, reply) => {
      const { user, tokens } = await signIn({ ...request.body, device: describeDevice(request) }, parts);
      cookies.set(reply, tokens);
      return { user };
    },
    { fold: foldNames, rateLimit: rateLimits.signIn },
  );

  http.route(endpoints.refresh, async (request, reply) => {
    const token = request.cookies[refreshCookieName];
    try {
      cookies.set(reply, await refreshSession({ token, device: describeDevice(request) }, parts));
    } catch (error) {
      if (error instanceof GoChatError && error.code === "SESSION_EXPIRED") cookies.clear(reply);
      throw error;
    }
  });

  http.route(endpoints.signOut, async ({ identity, cookies: sent }, reply) => {
    await signOut({ identity, refreshToken: sent[refreshCookieName] }, parts);
    cookies.clear(reply);
  });
}

function registerSessions(http: HttpServer, parts: RouteParts): void {
  http.route(endpoints.currentUser, async ({ identity }) => {
    const account = await findAccountOfSession(parts.database, identity.sessionId);
    if (!account) throw new GoChatError("UNAUTHENTICATED");
    const { id, username, email } = account;
    return { user: { id, username, email } };
  });

  http.route(endpoints.listSessions, async ({ identity }) => {
    const sessions = await listLiveSessions(parts.database, identity.userId, idleSince(parts.clock()));
    return {
      sessions: sessions.map(({ id, createdAt, lastUsedAt, userAgent, ip }) => ({
        id,
        createdAt: createdAt.toISOString(),
        lastUsedAt: lastUsedAt.toISOString(),
        userAgent,
        ip,
        current: id === identity.sessionId,
      })),
    };
  });

  http.route(endpoints.revokeSession, async ({ identity, params }, reply) => {
    await revokeSession({ userId: identity.userId, sessionId: params.id }, parts);
    if (params.id === identity.sessionId) parts.cookies.clear(reply);
  });

  http.route(
    endpoints.changePassword,
    ({ identity, body }) => changePassword({ ...body, sessionId: identity.sessionId }, parts),
    { rateLimit: rateLimits.changePassword },
  );
}
