import { readdirSync, readFileSync, readlinkSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, sep } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A process as /proc tells it. Its id may be another one's later; id and start time together never are. */
export interface ProcessEntry {
  readonly pid: number;
  readonly group: number;
  /** Clock ticks from the start of the machine. */
  readonly startTime: number;
}

const forceTimeoutMs = 5_000;

/** Undefined where it is gone, or dead and only not yet buried by its parent. */
export function findProcess(pid: number): ProcessEntry | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // proc_pid_stat(5). The name before these fields may itself hold spaces and parentheses.
  const [state, , group, ...fields] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  if (state === "Z" || state === "X") return undefined;
  return { pid, group: Number(group), startTime: Number(fields[16]) };
}

/** Keeps in a file which process this is, so that whoever comes after a crash finds it. */
export function writeProcessFile(path: string, pid: number): void {
  writeFileSync(path, `${pid} ${findProcess(pid)?.startTime ?? 0}\n`);
}

/**
 * Ends what the process of this file and its group left running, at once, and removes the file. Process ids are given
 * out again, so one counts only with its start time, and a group without its leader only as far as its members work
 * in the folder of the file.
 */
export async function endLeftover(path: string): Promise<void> {
  const [pid = 0] = readNumbers(path);
  const until = performance.now() + forceTimeoutMs;
  while (pid > 1 && (isRunning(path) || membersOf(pid, dirname(path)).length > 0)) {
    if (performance.now() > until) throw new Error(`Process ${pid} of ${path} does not end. End it by hand.`);
    if (isRunning(path)) signal(pid, "SIGKILL");
    endMembers(pid, dirname(path));
    await sleep(20);
  }
  rmSync(path, { force: true });
}

/** Ends by force whoever of this group works in the folder: NGINX's workers outlive their master. */
export function endMembers(group: number, folder: string): void {
  for (const { pid } of membersOf(group, folder)) signal(pid, "SIGKILL");
}

/** Whether the process of this file still runs. */
export function isRunning(path: string): boolean {
  const [pid = 0, startTime] = readNumbers(path);
  return pid > 0 && findProcess(pid)?.startTime === startTime;
}

/** Every living process of a group that works in this folder, its leader dead or alive. */
export function membersOf(group: number, folder: string): ProcessEntry[] {
  const place = realPath(folder);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => findProcess(Number(pid)) ?? [])
    .filter(
      (entry) => entry.group === group && `${workingFolder(entry.pid)}${sep}`.startsWith(`${place}${sep}`),
    );
}

function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

/** Does nothing where that process has ended. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function readNumbers(path: string): number[] {
  try {
    return readFileSync(path, "utf8").trim().split(" ").map(Number);
  } catch {
    return [];
  }
}
