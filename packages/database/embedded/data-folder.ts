import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StartError } from "../start-error.ts";

const sqliteBusy = 5;

/**
 * Makes the folder and takes it for this process until disposed. The lock is the operating system's, on a file that
 * SQLite keeps open (Node.js has no flock of its own): a crash leaves none behind, and there is no race to find out
 * whether a recorded process still lives. The file `gochat.pid` only serves the sentence for the second one.
 */
export async function lockDataFolder(dataFolder: string): Promise<AsyncDisposable> {
  const pidFile = join(dataFolder, "gochat.pid");
  let lock: DatabaseSync | undefined;
  try {
    await makeFolder(dataFolder);
    lock = new DatabaseSync(join(dataFolder, "lock"));
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    await writeFile(pidFile, `${process.pid}\n`);
  } catch (error) {
    lock?.close();
    if ((error as { errcode?: number }).errcode === sqliteBusy) {
      const pid = (await readFile(pidFile, "utf8").catch(() => "")).trim();
      throw new StartError(
        `The data folder ${dataFolder} is in use by ${pid ? `process ${pid}` : "another process"}. ` +
          "Stop that GoChat, or choose another folder with GOCHAT_DATA.",
      );
    }
    throw error instanceof StartError ? error : notWritable(dataFolder, error);
  }
  return {
    async [Symbol.asyncDispose]() {
      await rm(pidFile, { force: true });
      lock.close();
    },
  };
}

/** Level by level: the recursive mkdir of Node.js tries for ever where a level answers ENOENT, as below /proc. */
async function makeFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory()) return;
  if (found) {
    throw new StartError(
      `The data folder cannot be made, because ${folder} is a file. Move it away, or choose another folder with GOCHAT_DATA.`,
    );
  }
  if (dirname(folder) !== folder) await makeFolder(dirname(folder));
  await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    // Another start was quicker.
    if (error.code !== "EEXIST") throw error;
  });
}

export function notWritable(dataFolder: string, cause: unknown): StartError {
  const { code } = cause as { code?: string };
  return new StartError(
    `The data folder ${dataFolder} cannot be written${code ? ` (${code})` : ""}. ` +
      "Give this user the right to write there, or choose another folder with GOCHAT_DATA.",
    { cause },
  );
}
