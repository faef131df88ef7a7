import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "@gochat/engines/free-port";
import type { Target } from "./target.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** GoChat as a person starts it: one process, embedded adapters, with its data in a folder. */
export async function startServer(dataFolder: string): Promise<Target> {
  const port = await freePort();
  const began = performance.now();
  const server = spawn(process.execPath, ["server/src/main.ts"], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      GOCHAT_DATA: dataFolder,
      RATE_LIMITS: "off",
      LOG_LEVEL: "warn",
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilReady(server, url);
  } catch (error) {
    await stop(server);
    throw error;
  }
  const readyAfterMs = performance.now() - began;
  return {
    mode: "embedded",
    url,
    roots: [server.pid!],
    readyAfterMs,
    databaseUrl: () => databaseUrl(join(dataFolder, "postgres")),
    keysFile: join(dataFolder, "keys/keys.json"),
    [Symbol.asyncDispose]: () => stop(server),
  };
}

async function untilReady(server: ChildProcess, url: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    if (server.exitCode !== null)
      throw new Error(`GoChat ended with ${server.exitCode} before it was ready.`);
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    );
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await sleep(20);
  }
  throw new Error("GoChat was not ready within 60 s.");
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, "exit");
  server.kill("SIGTERM");
  const force = setTimeout(() => server.kill("SIGKILL"), 20_000);
  await ended;
  clearTimeout(force);
}

/** All services share one database. It listens on a socket in its folder. */
function databaseUrl(folder: string): string {
  const password = readFileSync(join(folder, "gochat.password"), "utf8");
  return `postgres://gochat:${password}@${encodeURIComponent(folder)}:5432/postgres`;
}
