import { lifetimes } from "@gochat/contracts/limits";
import { accessCookieName, refreshCookieName } from "@gochat/runtime/cookies";
import type { EndpointReply } from "@gochat/runtime/endpoint-route";
import type { Tokens } from "./session-opening.ts";

const refreshPath = "/api/auth";

export interface TokenCookies {
  set(reply: EndpointReply, tokens: Tokens): void;
  clear(reply: EndpointReply): void;
}

/** The two cookies. The refresh token goes nowhere but to this service, and never along with a link from outside. */
export function createTokenCookies(publicUrl: URL | undefined): TokenCookies {
  const accessName = accessCookieName(publicUrl);
  return {
    set(reply, { access, refresh }) {
      reply.setCookie(accessName, access, {
        path: "/",
        maxAgeSeconds: lifetimes.accessToken,
        sameSite: "lax",
      });
      reply.setCookie(refreshCookieName, refresh, {
        path: refreshPath,
        maxAgeSeconds: lifetimes.session,
        sameSite: "strict",
      });
    },
    clear(reply) {
      reply.clearCookie(accessName, { path: "/" });
      reply.clearCookie(refreshCookieName, { path: refreshPath });
    },
  };
}
