import { isSecure } from "./cookies.ts";

/**
 * On every answer, refused upgrades included. No inline script or style; nothing may frame GoChat.
 * Source of the list: OWASP Secure Headers Project.
 */
const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self' ws: wss:",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
};

/** For browsers that came by https: stay there for two years. */
const strictTransportSecurity = "max-age=63072000";

/** What every answer of this installation carries, whoever makes it. */
export function createAnswerHeaders(publicUrl: URL | undefined): Readonly<Record<string, string>> {
  if (!isSecure(publicUrl)) return securityHeaders;
  return { ...securityHeaders, "strict-transport-security": strictTransportSecurity };
}
