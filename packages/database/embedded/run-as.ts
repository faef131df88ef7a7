import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { StartError } from "../start-error.ts";
import type { Binaries } from "./binaries.ts";

const execute = promisify(execFile);

/** How to run PostgreSQL's programs, which refuse to run as root. */
export interface RunAs {
  /** Stands before the program. */
  readonly prefix: readonly string[];
  /** Where the process changes to another user, who must own the data. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

const asMyself: RunAs = { prefix: [], owner: undefined };

/**
 * Root runs PostgreSQL in a user namespace, in which root's own files belong to an ordinary user: so it reads and
 * writes wherever GoChat was put, also below a folder that is closed to everyone else, and has no capability left.
 * Where the kernel or a container forbids that, as another user, who then must be able to reach the folders.
 */
export async function chooseRunAs(binaries: Binaries, dataFolder: string): Promise<RunAs> {
  if (process.getuid?.() !== 0) return asMyself;
  const users = await readUsers();
  const mapped = users.find(({ uid }) => uid > 0 && uid < 1000);
  if (mapped) {
    const prefix = ["unshare", "--user", `--map-user=${mapped.uid}`, `--map-group=${mapped.gid}`, "--"];
    const works = await execute(prefix[0]!, [...prefix.slice(1), binaries.postgres, "--version"]).then(
      () => true,
      () => false,
    );
    if (works) return { prefix, owner: undefined };
  }
  const owner = users.find(({ name }) => name === "postgres") ?? users.find(({ name }) => name === "nobody");
  if (!owner) throw new StartError(`PostgreSQL must not run as root. ${asOrdinaryUser}`);
  for (const path of [binaries.postgres, dataFolder]) await refuseClosedParent(path, owner.name);
  return { prefix: [], owner };
}

const asOrdinaryUser = "Start GoChat as an ordinary user, or give a database with DATABASE_URL.";

async function refuseClosedParent(path: string, user: string): Promise<void> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { mode } = await stat(folder);
    if ((mode & 0o001) === 0) {
      throw new StartError(
        `PostgreSQL must not run as root, and the user ${user} cannot reach ${path}, because ${folder} is closed ` +
          `to others. Move it (the data with GOCHAT_DATA) to where others may pass. Or: ${asOrdinaryUser}`,
      );
    }
    if (folder === dirname(folder)) return;
  }
}

interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

async function readUsers(): Promise<User[]> {
  const text = await readFile("/etc/passwd", "utf8").catch(() => "");
  return text.split("\n").flatMap((line) => {
    const [name = "", , uid = "", gid = ""] = line.split(":");
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}
