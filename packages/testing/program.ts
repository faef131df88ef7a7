import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const main = join(import.meta.dirname, "../../server/src/main.ts");

/** The real program in a process of its own, as `npm start` runs it. */
export interface Program {
  readonly process: ChildProcess;
  /** Everything printed so far. */
  readonly output: { text: string };
  readonly errors: { text: string };
  /** Resolves when it has ended, with its exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Resolves with the address that it prints; rejects with what else it printed. */
  readonly ready: Promise<string>;
}

/** `names`: of the services, as on the command line; none means all. */
export function startProgram(
  settings: Readonly<Record<string, string>>,
  names: readonly string[] = [],
): Program {
  const child = spawn(process.execPath, [main, ...names], {
    env: { PATH: process.env.PATH, PORT: "0", LOG_LEVEL: "error", ...settings },
    stdio: ["ignore", "pipe", "pipe"],
    // As in a terminal, where Ctrl-C reaches the whole group.
    detached: true,
  });
  const output = { text: "" };
  const errors = { text: "" };
  child.stderr.on("data", (chunk) => {
    errors.text += chunk;
  });
  const ended = once(child, "close").then(([code]) => code as number | null);
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      output.text += chunk;
      const url = /ready after .*: (http\S+)/.exec(output.text)?.[1];
      if (url) resolve(url);
    });
    ended.then((code) => reject(new Error(`It ended with ${code}: ${output.text}${errors.text}`)));
  });
  // Whoever expects the end does not ask for the address.
  ready.catch(() => {});
  return { process: child, output, errors, ended, ready };
}
