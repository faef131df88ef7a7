import { parseCookie } from "cookie";

/** The access token's cookie. `__Host-` (RFC 6265bis, section 4.1.3.2) binds it to the host, and needs https. */
export function accessCookieName(publicUrl: URL | undefined): string {
  return isSecure(publicUrl) ? "__Host-auth" : "auth";
}

export const refreshCookieName = "refresh";

/** Whether people reach GoChat through https, so that cookies may be `Secure`. */
export function isSecure(publicUrl: URL | undefined): boolean {
  return publicUrl?.protocol === "https:";
}

export function parseCookies(header: string | undefined): Record<string, string | undefined> {
  return header ? parseCookie(header) : {};
}
