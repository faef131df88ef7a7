import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { QueueType } from "@gochat/broker/rabbitmq/topology";
import { freePort } from "@gochat/engines/free-port";
import type { StackState } from "@gochat/stack/state";
import type { ArmOptions } from "../armed/arm.ts";

/** `npm run stack` as a process of its own, with armed services. */
export interface StackProcess extends AsyncDisposable {
  readonly url: string;
  readonly ordersFolder: string;
  /** As it is now. */
  readonly state: StackState;
}

const root = fileURLToPath(new URL("../../../", import.meta.url));
const armModule = new URL("../armed/arm.ts", import.meta.url).href;
const readyTimeoutMs = 120_000;
const stopTimeoutMs = 60_000;

export async function startStackProcess(
  options: ArmOptions,
  queueType: QueueType,
  prepare: (dataFolder: string) => Promise<void>,
): Promise<StackProcess> {
  const folder = await mkdtemp(join(tmpdir(), "gochat-chaos-"));
  const [dataFolder, ordersFolder] = [join(folder, "data"), join(folder, "orders")];
  const stateFile = join(folder, "state.json");
  await mkdir(ordersFolder);
  await prepare(dataFolder);
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const child = spawn(process.execPath, ["scripts/stack.ts", "--data", dataFolder, "--state", stateFile], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      PUBLIC_URL: url,
      RATE_LIMITS: "off",
      QUEUE_TYPE: queueType,
      LOG_LEVEL: process.env.LOG_LEVEL ?? "warn",
      NODE_OPTIONS: `--import ${armModule}`,
      CHAOS: JSON.stringify({ ...options, ordersFolder } satisfies ArmOptions),
    },
    stdio: ["ignore", "ignore", process.env.LOG_LEVEL ? "inherit" : "ignore", "ipc"],
  });
  const readState = () => JSON.parse(readFileSync(stateFile, "utf8")) as StackState;

  async function stop(): Promise<void> {
    await end(child);
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  try {
    await untilReady(child, readState);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    ordersFolder,
    get state() {
      return readState();
    },
    [Symbol.asyncDispose]: stop,
  };
}

async function untilReady(child: ChildProcess, readState: () => StackState): Promise<void> {
  const until = performance.now() + readyTimeoutMs;
  while (performance.now() < until) {
    if (child.exitCode !== null) throw new Error(`The stack ended with ${child.exitCode}.`);
    try {
      readState();
      return;
    } catch {
      await sleep(100);
    }
  }
  throw new Error("The stack was not ready in time.");
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
  await ended;
  clearTimeout(force);
}
