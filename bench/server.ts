import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** GoChat as a person starts it: one process, embedded adapters, with its data in a folder. */
export interface GoChatProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** From the start of the process until /readyz said yes. */
  readonly readyAfterMs: number;
}

const root = fileURLToPath(new URL("..", import.meta.url));

export async function startServer(dataFolder: string): Promise<GoChatProcess> {
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
  return { url, pid: server.pid!, readyAfterMs, [Symbol.asyncDispose]: () => stop(server) };
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
