import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";

/**
 * GoChat for its developers: the server starts again after each change, and Vite serves the web client with hot
 * reload and passes /api and /ws on to the server. Ctrl-C stops both.
 */
const root = resolve(import.meta.dirname, "..");
const port = process.env.PORT ?? "3000";

const server = spawn(process.execPath, ["--watch-preserve-output", "--watch", "server/src/main.ts"], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, PORT: port },
});
const web = spawn("npm", ["run", "dev", "-w", "@gochat/web"], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, GOCHAT_SERVER: `http://localhost:${port}` },
});
const children: readonly ChildProcess[] = [server, web];

function stop(): void {
  for (const child of children) child.kill("SIGTERM");
}
for (const child of children) child.once("exit", stop);
process.once("SIGINT", stop);
process.once("SIGTERM", stop);
