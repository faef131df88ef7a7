import { type ChildProcess, spawn } from "node:child_process";
import { join, resolve } from "node:path";

/**
 * GoChat for its developers: the server starts again after each change, and Vite serves the web client with hot
 * reload and passes /api and /ws on to the server. Ctrl-C stops both; so does the end of one of them.
 */
const root = resolve(import.meta.dirname, "..");
const port = process.env.PORT ?? "3000";

/** Node.js itself, without npm in between: it would take a signal and leave its child behind. */
function run(folder: string, args: readonly string[], environment: Readonly<Record<string, string>>) {
  const env = { ...process.env, ...environment };
  return spawn(process.execPath, args, { cwd: join(root, folder), stdio: "inherit", env });
}

const children: readonly ChildProcess[] = [
  run(".", ["--watch-preserve-output", "--watch", "server/src/main.ts"], { PORT: port }),
  run("web", [join(root, "node_modules/vite/bin/vite.js")], { GOCHAT_SERVER: `http://localhost:${port}` }),
];

function stop(): void {
  for (const child of children) child.kill("SIGTERM");
}
for (const child of children) child.once("exit", stop);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, stop);
