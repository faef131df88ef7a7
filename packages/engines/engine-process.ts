import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "./engine.ts";
import { endLeftover, membersOf, signal, writeProcessFile } from "./process-file.ts";

export interface EngineProgram {
  /** As a person calls it. */
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly environment: NodeJS.ProcessEnv;
  /** Keeps its process file and its log; made where it is missing. */
  readonly folder: string;
  /** Whose process it is, where this one may choose. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  /** Resolves if it answers; asked again until then. */
  readonly ping: () => Promise<void>;
  readonly readyTimeoutMs: number;
  /** How to ask it to leave, and how long that may take. What is then still there is ended by force. */
  readonly stop: { readonly signal: NodeJS.Signals; readonly patienceMs: number };
}

const pauseMs = 50;

/**
 * Runs the program of an engine, in a group of its own: Ctrl-C in a terminal is for who started it. What an earlier
 * one in the same folder left running is ended first. One that ends before it answers is tried again.
 */
export async function startEngineProcess(program: EngineProgram): Promise<Omit<Engine, "url">> {
  const { folder } = program;
  mkdirSync(folder, { recursive: true });
  const processFile = join(folder, "engine.pid");
  await endLeftover(processFile);
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const until = performance.now() + program.readyTimeoutMs;
    while (!(child && isRunning(child) && (await answers(program)))) {
      if (performance.now() > until) throw notReady(program);
      if (!child || !isRunning(child)) {
        child = spawnProgram(program);
        await once(child, "spawn");
        writeProcessFile(processFile, child.pid!);
      }
      await sleep(pauseMs);
    }
  }

  async function end(how: NodeJS.Signals, patienceMs: number): Promise<void> {
    if (!child || !isRunning(child)) return;
    const gone = once(child, "exit", { signal: AbortSignal.timeout(patienceMs) }).catch(() => {});
    child.kill(how);
    await gone;
  }

  /** The program, and those it started: NGINX's workers outlive their master. */
  async function kill(): Promise<void> {
    const group = child?.pid;
    await end("SIGKILL", program.stop.patienceMs);
    for (const { pid } of group ? membersOf(group) : []) signal(pid, "SIGKILL");
  }

  await start().catch(async (error: unknown) => {
    await kill();
    throw error;
  });
  return {
    get pid() {
      return child!.pid!;
    },
    kill,
    async restart() {
      await kill();
      await start();
    },
    async [Symbol.asyncDispose]() {
      await end(program.stop.signal, program.stop.patienceMs);
      await kill();
      rmSync(processFile, { force: true });
    },
  };
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

async function answers({ ping }: EngineProgram): Promise<boolean> {
  return ping().then(
    () => true,
    () => false,
  );
}

/** It logs into a file of its own: a pipe would break when this process is killed. */
function spawnProgram({ command: [file, ...args], environment, folder, owner }: EngineProgram): ChildProcess {
  const log = openSync(join(folder, "engine.log"), "a");
  try {
    return spawn(file, args, {
      ...owner,
      cwd: folder,
      env: environment,
      stdio: ["ignore", log, log],
      detached: true,
    });
  } finally {
    closeSync(log);
  }
}

function notReady({ name, folder, readyTimeoutMs }: EngineProgram): Error {
  const said = readFileSync(join(folder, "engine.log"), "utf8").trim().split("\n").slice(-5).join("\n");
  return new Error(`${name} did not answer within ${readyTimeoutMs / 1_000} s. It said last:\n${said}`);
}
