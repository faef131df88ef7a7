import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { backOffMs } from "../back-off.ts";
import type { DatabaseLogger } from "../logger.ts";
import { StartError } from "../start-error.ts";
import { environment } from "./cluster.ts";
import type { RunAs } from "./run-as.ts";

export interface ProcessOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly runAs: RunAs;
  readonly logger: DatabaseLogger;
}

/** Long enough to recover after a crash: at most the WAL since the last checkpoint is read again. */
const readyTimeoutMs = 120_000;
const fastStopMs = 10_000;
const immediateStopMs = 3_000;

/**
 * Starts PostgreSQL and keeps it running until disposed: one that dies is started again, with back-off. Disposing is
 * a fast shutdown (open transactions are rolled back), an immediate one after 10 s.
 */
export async function keepPostgresRunning(options: ProcessOptions): Promise<AsyncDisposable> {
  const stopping = new AbortController();
  let child = await startPostgres(options);
  const leave = () => child.kill("SIGINT");
  process.once("exit", leave);

  async function restartWhenItDies(): Promise<void> {
    for (let attempt = 0; !stopping.signal.aborted; attempt++) {
      if (child.exitCode === null && child.signalCode === null) {
        await once(child, "exit");
        attempt = 0;
      }
      if (stopping.signal.aborted) return;
      options.logger.error(
        { code: child.exitCode, signal: child.signalCode },
        "PostgreSQL died. Starting it again.",
      );
      try {
        child = await startPostgres(options);
      } catch (error) {
        options.logger.error(
          { error: (error as Error).message, attempt },
          "PostgreSQL does not start again yet.",
        );
        await sleep(backOffMs(attempt, 200, 30_000), undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  }
  const watching = restartWhenItDies();

  return {
    async [Symbol.asyncDispose]() {
      if (stopping.signal.aborted) return watching;
      stopping.abort();
      process.off("exit", leave);
      await stopPostgres(child);
      await watching;
      // One that was just being started again when the stop came.
      await stopPostgres(child);
    },
  };
}

async function startPostgres({ program, args, runAs, logger }: ProcessOptions): Promise<ChildProcess> {
  const [file = program, ...rest] = [...runAs.prefix, program, ...args];
  const child = spawn(file, rest, {
    ...runAs.owner,
    env: environment(),
    stdio: ["ignore", "ignore", "pipe"],
    // A group of its own: Ctrl-C in the terminal is for GoChat, which stops PostgreSQL last.
    detached: true,
  });
  const lastLines: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (reason: string) => reject(new StartError(`PostgreSQL did not start: ${reason}`));
      createInterface({ input: child.stderr! }).on("line", (line) => {
        lastLines.push(line);
        if (lastLines.length > 20) lastLines.shift();
        report(line, logger);
        if (line.includes("database system is ready to accept connections")) resolve();
      });
      child.once("error", (error) => fail(error.message));
      child.once("close", () => fail(lastLines.find(isFatal) ?? lastLines.at(-1) ?? "it gave no reason."));
      timer = setTimeout(() => fail(`it was not ready after ${readyTimeoutMs / 1000} s.`), readyTimeoutMs);
    });
    return child;
  } catch (error) {
    await stopPostgres(child);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function stopPostgres(child: ChildProcess): Promise<void> {
  const signals = [
    ["SIGINT", fastStopMs],
    ["SIGQUIT", immediateStopMs],
    ["SIGKILL", immediateStopMs],
  ] as const;
  for (const [signal, patienceMs] of signals) {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit", { signal: AbortSignal.timeout(patienceMs) }).catch(() => {});
    child.kill(signal);
    await gone;
  }
}

function isFatal(line: string): boolean {
  return /^(FATAL|PANIC):/.test(line);
}

/** PostgreSQL logs through GoChat: no file of its own that could grow. */
function report(line: string, logger: DatabaseLogger): void {
  const fields = { part: "PostgreSQL" };
  if (isFatal(line)) logger.error(fields, line);
  else logger.debug(fields, line);
}
