import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { StartError } from "../start-error.ts";
import type { Binaries } from "./binaries.ts";
import { notWritable } from "./data-folder.ts";
import type { RunAs } from "./run-as.ts";

const execute = promisify(execFile);

export const majorVersion = "18";
export const superuser = "gochat";
const initTimeoutMs = 120_000;

/** The files of the embedded PostgreSQL, without a process. */
export interface Cluster {
  readonly folder: string;
  readonly password: string;
}

interface ClusterOptions {
  readonly dataFolder: string;
  readonly binaries: Binaries;
  readonly runAs: RunAs;
}

/** Finds the cluster in `<dataFolder>/postgres`, or makes it: under another name first, so a crash leaves no half. */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const folder = join(options.dataFolder, "postgres");
  try {
    if (!(await refuseOtherVersion(folder))) await createCluster(options, folder);
    if (options.runAs.owner) await changeOwner(folder, options.runAs.owner);
    else if (process.getuid?.() === 0) await changeOwner(folder, { uid: 0, gid: 0 });
    return { folder, password: await readFile(passwordFile(folder), "utf8") };
  } catch (error) {
    const { code } = error as { code?: unknown };
    throw typeof code === "string" && /^E[A-Z]+$/.test(code) ? notWritable(options.dataFolder, error) : error;
  }
}

/** The password lives inside the cluster's folder, so that neither can be lost without the other. */
function passwordFile(folder: string): string {
  return join(folder, "gochat.password");
}

/** Returns whether there is a cluster. */
async function refuseOtherVersion(folder: string): Promise<boolean> {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (!files) return false;
  const found = await readFile(join(folder, "PG_VERSION"), "utf8").catch(() => "");
  if (found.trim() === majorVersion && files.includes("gochat.password")) return true;
  if (found && found.trim() !== majorVersion) {
    throw new StartError(
      `The data in ${folder} was made by PostgreSQL ${found.trim()}, and this GoChat brings PostgreSQL ${majorVersion}. ` +
        "Start the GoChat that made it, or choose another folder with GOCHAT_DATA.",
    );
  }
  throw new StartError(
    `${folder} is not a database that GoChat made. Move it away, or choose another folder with GOCHAT_DATA.`,
  );
}

async function createCluster({ dataFolder, binaries, runAs }: ClusterOptions, folder: string): Promise<void> {
  const workshop = `${folder}.new`;
  await rm(workshop, { recursive: true, force: true });
  await mkdir(workshop, { mode: 0o700 });
  const password = randomBytes(24).toString("base64url");
  const given = join(workshop, "password");
  await writeFile(given, password, { mode: 0o600 });
  if (runAs.owner) {
    await changeOwner(workshop, runAs.owner);
    await changeOwner(given, runAs.owner);
  }
  const made = join(workshop, "cluster");
  await initialise({ binaries, runAs, folder: made, passwordFile: given });
  await writeFile(passwordFile(made), password, { mode: 0o600, flush: true });
  await syncFolder(made);
  await rename(made, folder);
  await syncFolder(dataFolder);
  await rm(workshop, { recursive: true, force: true });
}

interface Initialisation {
  readonly binaries: Binaries;
  readonly runAs: RunAs;
  readonly folder: string;
  readonly passwordFile: string;
}

async function initialise({ binaries, runAs, folder, passwordFile }: Initialisation): Promise<void> {
  const [program = binaries.initdb, ...args] = [
    ...runAs.prefix,
    binaries.initdb,
    `--pgdata=${folder}`,
    `--username=${superuser}`,
    "--auth=scram-sha-256",
    `--pwfile=${passwordFile}`,
    // Text is compared by code point: the same on every machine, and an ordinary index serves a search by prefix.
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
  ];
  try {
    await execute(program, args, { ...runAs.owner, env: environment(), timeout: initTimeoutMs });
  } catch (cause) {
    const { stderr, message } = cause as { stderr?: string; message: string };
    const reason = (stderr || message).match(/^initdb: error: (.*)$/m)?.[1] ?? (stderr || message).trim();
    throw new StartError(`PostgreSQL could not make its files in ${folder}: ${reason}.`, { cause });
  }
}

/** Nothing of this process' environment changes how PostgreSQL behaves. */
export function environment(): NodeJS.ProcessEnv {
  const { PATH, TMPDIR, SystemRoot } = process.env;
  return {
    LC_ALL: "C",
    TZ: "UTC",
    ...(PATH && { PATH }),
    ...(TMPDIR && { TMPDIR }),
    ...(SystemRoot && { SystemRoot }),
  };
}

async function changeOwner(path: string, owner: { uid: number; gid: number }): Promise<void> {
  const found = await stat(path);
  if (found.uid === owner.uid) return;
  const entries = found.isDirectory() ? await readdir(path, { recursive: true }) : [];
  for (const entry of entries) await chown(join(path, entry), owner.uid, owner.gid);
  // The folder itself last: it says whether all of it is done.
  await chown(path, owner.uid, owner.gid);
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
