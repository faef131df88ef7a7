import { execFile } from "node:child_process";
import { readFile, readlink, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { DatabaseLogger } from "../logger.ts";
import { StartError } from "../start-error.ts";

const execute = promisify(execFile);

const fastStopMs = 10_000;
const immediateStopMs = 5_000;

/**
 * Stops the PostgreSQL of this folder that a killed GoChat left behind. The caller holds the lock of the data
 * folder, so whichever runs here is nobody's. What is left of a dead one is cleared away where PostgreSQL would
 * mistake it for a living one, because another program has its process id now.
 */
export async function stopOrphan(folder: string, logger: DatabaseLogger): Promise<void> {
  const pidFile = join(folder, "postmaster.pid");
  const text = await readFile(pidFile, "utf8").catch(() => undefined);
  if (text === undefined) return;
  const [pidText = "", recordedFolder = ""] = text.split("\n");
  const pid = Number(pidText);
  if (Number.isSafeInteger(pid) && pid > 0 && (await isPostgresOf(pid, folder, recordedFolder))) {
    logger.warn({ pid }, "PostgreSQL still runs after GoChat was killed. Stopping it.");
    // Also where nobody buries it: a zombie keeps its process id, but has no command any more.
    const isGone = async () => !(await isPostgresOf(pid, folder, recordedFolder));
    process.kill(pid, "SIGINT");
    if (await becomes(isGone, fastStopMs)) return;
    process.kill(pid, "SIGQUIT");
    if (await becomes(isGone, immediateStopMs)) return;
    throw new StartError(
      `PostgreSQL (process ${pid}) still uses ${folder} and does not stop. Stop it by hand.`,
    );
  }
  await rm(join(folder, ".s.PGSQL.5432.lock"), { force: true });
  if (isAlive(pid)) await rm(pidFile, { force: true });
}

async function isPostgresOf(pid: number, folder: string, recordedFolder: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const command = await commandOf(pid);
  if (!command || !/^postgres(\.exe)?$/.test(basename(command[0] ?? ""))) return false;
  // A copy of a running folder names the original; a folder that was moved is still where the process stands.
  if (recordedFolder === folder && command.includes(folder)) return true;
  return (await readlink(`/proc/${pid}/cwd`).catch(() => "")) === folder;
}

async function commandOf(pid: number): Promise<string[] | undefined> {
  if (process.platform === "linux") {
    const text = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return text.split("\0");
  }
  const { stdout } = await execute("ps", ["-ww", "-o", "command=", "-p", String(pid)]).catch(() => ({
    stdout: "",
  }));
  const [program = "", folder = ""] = stdout.trim().split(/ -D | -c /);
  return [program, folder];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function becomes(condition: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const until = performance.now() + timeoutMs;
  while (performance.now() < until) {
    if (await condition()) return true;
    await sleep(25);
  }
  return false;
}
