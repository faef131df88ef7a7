import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const listUrl = import.meta.resolve("@zxcvbn-ts/language-common/src/passwords.json");

/**
 * Loads the list of the most common passwords: half a megabyte, read at the first new password and not at the start.
 * The answer takes a password folded to lower case.
 *
 * The bytes stay as they are on disk, a JSON array of strings: searching them takes less than a millisecond, and
 * a set of as many strings would take ten times the memory. A quoted password can only match a whole entry, since
 * its own quotes are escaped.
 */
export async function loadCommonPasswords(): Promise<(foldedPassword: string) => boolean> {
  const list = await readFile(fileURLToPath(listUrl));
  return (password) => list.includes(JSON.stringify(password));
}

/** The same list for every caller, loaded once; a failed load is tried again by the next caller. */
export function createCommonPasswords(
  load = loadCommonPasswords,
): () => Promise<(foldedPassword: string) => boolean> {
  let loading: ReturnType<typeof loadCommonPasswords> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
