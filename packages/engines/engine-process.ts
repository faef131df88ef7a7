import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StartError } from "@gochat/database/start-error";
import type { Engine } from "./engine.ts";
import { endLeftover, endMembers, writeProcessFile } from "./process-file.ts";

export interface EngineProgram {
  /** As a person calls it. */
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly environment: NodeJS.ProcessEnv;
  /** Keeps its process file, its log and that of the start before; made where it is missing. */
  readonly folder: string;
  /** Whose process it is, where this one may choose. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  /** Resolves if it answers; asked again until then. */
  readonly ping: () => Promise<void>;
  readonly readyTimeoutMs: number;
  /** A first start that fails is not tried again: what it says is for the person who starts it. */
  readonly failsAtOnce?: boolean;
  /** Aborted, the start is given up. */
  readonly signal?: AbortSignal | undefined;
  /** How to ask it to leave, and how long that may take. What is then still there is ended by force. */
  readonly stop: { readonly signal: NodeJS.Signals; readonly patienceMs: number };
}

const pauseMs = 50;
const longestPauseMs = 2_000;

/**
 * Runs the program of an engine, in a group of its own: Ctrl-C in a terminal is for who started it. What an earlier
 * one in the same folder left running is ended first. One that ends before it answers is tried again, with back-off.
 */
export async function startEngineProcess(program: EngineProgram): Promise<Omit<Engine, "url">> {
  const { folder } = program;
  mkdirSync(folder, { recursive: true });
  const processFile = join(folder, "engine.pid");
  await endLeftover(processFile);
  keepLastLog(folder);
  let child: ChildProcess | undefined;
  let isClosed = false;

  async function spawnOne(): Promise<ChildProcess> {
    child = spawnProgram(program);
    await once(child, "spawn");
    writeProcessFile(processFile, child.pid!);
    return child;
  }

  async function start(maxAttempts: number): Promise<void> {
    const until = performance.now() + program.readyTimeoutMs;
    for (let attempt = 1; ; attempt++) {
      if (isClosed) throw new Error(`${program.name} was stopped.`);
      program.signal?.throwIfAborted();
      if (await becomesReady(await spawnOne(), program, until)) return;
      if (attempt >= maxAttempts || performance.now() > until) throw notReady(program);
      await sleep(Math.min(longestPauseMs, pauseMs * 2 ** attempt));
    }
  }

  /** The program, and those it started. */
  async function kill(): Promise<void> {
    const group = child?.pid;
    await end(child, "SIGKILL", program.stop.patienceMs);
    if (group) endMembers(group, folder);
  }

  async function stop(): Promise<void> {
    await end(child, program.stop.signal, program.stop.patienceMs);
    await kill();
    rmSync(processFile, { force: true });
  }

  await start(program.failsAtOnce ? 1 : Number.POSITIVE_INFINITY).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    get pid() {
      return child!.pid!;
    },
    kill,
    async restart() {
      await kill();
      await start(Number.POSITIVE_INFINITY);
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await stop();
    },
  };
}

/** Whether it answers before it ends. Throws where neither comes in time (`until`, by performance.now()). */
async function becomesReady(child: ChildProcess, program: EngineProgram, until: number): Promise<boolean> {
  while (isRunning(child)) {
    if (await answers(program)) return true;
    program.signal?.throwIfAborted();
    if (performance.now() > until) throw notReady(program);
    await sleep(pauseMs);
  }
  return false;
}

/** Signals it, where it runs, and resolves when it is gone or the patience is over. */
async function end(
  child: ChildProcess | undefined,
  signal: NodeJS.Signals,
  patienceMs: number,
): Promise<void> {
  if (!child || !isRunning(child)) return;
  const gone = once(child, "exit", { signal: AbortSignal.timeout(patienceMs) }).catch(() => {});
  child.kill(signal);
  await gone;
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

/** So that a folder that is used for long does not fill up. */
function keepLastLog(folder: string): void {
  if (existsSync(logOf(folder))) renameSync(logOf(folder), join(folder, "engine.last.log"));
}

function logOf(folder: string): string {
  return join(folder, "engine.log");
}

/** It logs into a file of its own: a pipe would break when this process is killed. */
function spawnProgram({ command: [file, ...args], environment, folder, owner }: EngineProgram): ChildProcess {
  const log = openSync(logOf(folder), "a");
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

function notReady({ name, folder }: EngineProgram): Error {
  const said = readFileSync(logOf(folder), "utf8").trim().split("\n").slice(-5).join("\n");
  return new StartError(`${name} did not start. It said last:\n${said}`);
}
