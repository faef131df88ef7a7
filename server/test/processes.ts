import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** The ids of the main processes of PostgreSQL that run on this folder. */
export async function postgresOf(folder: string): Promise<number[]> {
  const commands = process.platform === "linux" ? await commandsFromProc() : await commandsFromPs();
  return commands.filter(({ command }) => command.includes(` -D ${folder} `)).map(({ pid }) => pid);
}

interface Command {
  readonly pid: number;
  readonly command: string;
}

async function commandsFromProc(): Promise<Command[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      return { pid: Number(pid), command: text.replaceAll("\0", " ") };
    }),
  );
}

async function commandsFromPs(): Promise<Command[]> {
  const { stdout } = await promisify(execFile)("ps", ["-axww", "-o", "pid=,command="]);
  return stdout.split("\n").map((line) => ({ pid: Number.parseInt(line, 10), command: line }));
}
