import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
 * Ends what the process of this file and its group left running, at once, and removes the file. A process that only
 * has the same id now is left alone.
 */
export async function endLeftover(path: string): Promise<void> {
  const [pid = 0, startTime = 0] = readNumbers(path);
  const found = findProcess(pid);
  if (pid > 1 && (!found || found.startTime === startTime)) {
    const until = performance.now() + forceTimeoutMs;
    while (membersOf(pid).length > 0) {
      if (performance.now() > until)
        throw new Error(`Process ${pid} of ${path} does not end. End it by hand.`);
      for (const member of membersOf(pid)) signal(member.pid, "SIGKILL");
      await sleep(20);
    }
  }
  rmSync(path, { force: true });
}

/** Whether the process of this file still runs. */
export function isRunning(path: string): boolean {
  const [pid = 0, startTime] = readNumbers(path);
  return pid > 0 && findProcess(pid)?.startTime === startTime;
}

/** Every living process of a group, its leader dead or alive. */
export function membersOf(group: number): ProcessEntry[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => findProcess(Number(pid)) ?? [])
    .filter((entry) => entry.group === group);
}

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
