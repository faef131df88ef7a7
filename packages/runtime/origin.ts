import type { IncomingHttpHeaders } from "node:http";

/**
 * Whether an Origin header names GoChat itself: the origin of PUBLIC_URL, and without that setting the host and port
 * that the request was sent to. An opaque origin ("null") is foreign.
 */
export function isOwnOrigin(origin: string, host: string | undefined, publicUrl: URL | undefined): boolean {
  const url = URL.parse(origin);
  if (!url || url.origin === "null" || url.origin !== origin) return false;
  if (publicUrl) return url.origin === publicUrl.origin;
  return host !== undefined && url.host === URL.parse(`${url.protocol}//${host}`)?.host;
}

/** Cross-site request forgery: whether a state-changing request comes from another site's page. */
export function isFromForeignPage(headers: IncomingHttpHeaders, publicUrl: URL | undefined): boolean {
  const { origin, host } = headers;
  const isForeign = origin !== undefined && !isOwnOrigin(origin, host, publicUrl);
  return isForeign || headers["sec-fetch-site"] === "cross-site";
}
