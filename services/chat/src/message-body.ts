import { type GoChatError, invalidInput } from "@gochat/contracts/errors";
import { limits } from "@gochat/contracts/limits";

/**
 * The body as it is stored: trimmed as JavaScript trims, here and nowhere else. Throws INVALID_INPUT unless it has
 * 1 to 4,000 code points then. That it is well-formed and has no NUL was checked with the frame.
 */
export function trimBody(text: string): string {
  const body = text.trim();
  if (body === "") throw invalidBody("is empty");
  if (hasMoreCharactersThan(body, limits.maxBodyCharacters)) {
    throw invalidBody(`has more than ${limits.maxBodyCharacters} characters`);
  }
  return body;
}

/** Counts code points, but only where the number of UTF-16 units does not say it all. */
function hasMoreCharactersThan(text: string, maximum: number): boolean {
  if (text.length <= maximum) return false;
  if (text.length > 2 * maximum) return true;
  let count = 0;
  for (const _character of text) count += 1;
  return count > maximum;
}

function invalidBody(message: string): GoChatError {
  return invalidInput({ path: "/body", message });
}
