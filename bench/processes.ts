import { readdirSync, readFileSync } from "node:fs";

/** What is measured: process trees, and the names of some processes in them. */
export interface Subject {
  readonly roots: readonly number[];
  /** Name → process id. Those that descend from it count for it; all others go by their program. */
  readonly parts?: Readonly<Record<string, number>>;
}

/** CPU time of process trees by name, in seconds, and when it was looked at. */
export interface CpuSample {
  readonly at: number;
  readonly seconds: Readonly<Record<string, number>>;
}

/** Linux counts CPU time in hundredths of a second (`getconf CLK_TCK`) on every platform that Node.js runs on. */
const ticksPerSecond = 100;

/** Empty where there is no /proc. */
export function sampleCpu({ roots, parts = {} }: Subject): CpuSample {
  const seconds: Record<string, number> = {};
  const names = new Map(Object.entries(parts).map(([name, pid]) => [pid, name]));
  for (const { pid, parent, name: program, ticks } of roots.flatMap(processTree)) {
    const name = names.get(pid) ?? names.get(parent) ?? program;
    if (name !== program) names.set(pid, name);
    seconds[name] = (seconds[name] ?? 0) + ticks / ticksPerSecond;
  }
  return { at: performance.now(), seconds };
}

/** Share of one core that each program took between two samples. */
export function cpuBetween(before: CpuSample, after: CpuSample): Record<string, number> {
  const elapsed = (after.at - before.at) / 1_000;
  return Object.fromEntries(
    Object.entries(after.seconds).map(([name, seconds]) => [
      name,
      (seconds - (before.seconds[name] ?? 0)) / elapsed,
    ]),
  );
}

/** Memory of a process tree in MB: PSS shares what several processes map, RSS counts it once for each of them. */
export interface Memory {
  readonly pss: number;
  readonly rss: number;
  readonly processes: number;
}

/** Undefined where there is no /proc, or where it may not be read. */
export function memoryOf(root: number): Memory | undefined {
  const tree = processTree(root);
  try {
    const rollups = tree.map(({ pid }) => readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"));
    const sum = (field: string) =>
      rollups.reduce(
        (total, text) => total + Number(text.match(new RegExp(`^${field}: +(\\d+)`, "m"))?.[1]),
        0,
      ) / 1024;
    return tree.length > 0 ? { pss: sum("Pss"), rss: sum("Rss"), processes: tree.length } : undefined;
  } catch {
    return undefined;
  }
}

/** Bytes of memory of one process without those it started; undefined where there is no /proc. */
export function memoryOfOne(pid: number): number | undefined {
  try {
    return Number(/^Pss: +(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]) * 1_024;
  } catch {
    return undefined;
  }
}

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** User and system time. */
  readonly ticks: number;
  /** Its parent has not asked for its exit code yet. */
  readonly isEnded: boolean;
}

/** Ids of the processes that this one started and that have not ended; none where there is no /proc. */
export function childrenOf(pid: number): number[] {
  return allProcesses()
    .filter(({ parent, isEnded }) => parent === pid && !isEnded)
    .map((entry) => entry.pid);
}

/** A process and all that descend from it. */
function processTree(root: number): ProcessEntry[] {
  const all = allProcesses();
  const tree = all.filter(({ pid }) => pid === root);
  for (const parent of tree) tree.push(...all.filter((entry) => entry.parent === parent.pid));
  return tree;
}

function allProcesses(): ProcessEntry[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [parseStat(readFileSync(`/proc/${pid}/stat`, "utf8"))];
      } catch {
        return []; // It ended meanwhile.
      }
    });
}

/** proc_pid_stat(5). The name stands in parentheses and may itself hold spaces and parentheses. */
function parseStat(text: string): ProcessEntry {
  const close = text.lastIndexOf(")");
  const fields = text.slice(close + 2).split(" ");
  return {
    pid: Number.parseInt(text, 10),
    name: programOf(text.slice(text.indexOf("(") + 1, close)),
    parent: Number(fields[1]),
    isEnded: fields[0] === "Z",
    ticks: Number(fields[11]) + Number(fields[12]),
  };
}

/** Node.js names its main thread. */
function programOf(name: string): string {
  return name === "MainThread" || name.startsWith("node") ? "node" : name;
}
