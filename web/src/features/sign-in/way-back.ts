const personalPages = /^\/(account|c\/[0-9a-f-]{36})$/;

/** Whether a page belongs to somebody who is signed in. */
export const isPersonalPage = (path: string): boolean => personalPages.test(path);

/** The address of the sign-in page; from a personal page it leads back there. */
export function signInPath(from: string): string {
  return isPersonalPage(from) ? `/sign-in?to=${encodeURIComponent(from)}` : "/sign-in";
}

/** Where `?to=` leads after signing in: a personal page, whatever else a link may carry. */
export function wayBack(search: URLSearchParams): string | undefined {
  const to = search.get("to");
  return to !== null && isPersonalPage(to) ? to : undefined;
}
