import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { StackState } from "@gochat/stack/state";
import { type Measurement, measure } from "./load/measure.ts";
import type { LoadPlan } from "./load/plan.ts";
import { pairUp, signUpPeople } from "./people.ts";
import { type Memory, memoryOf } from "./processes.ts";

export interface StackFigures {
  /** From the start of the script to ready, with an empty data folder and all packages installed. */
  readonly readyAfterMs: number;
  /** By part, and `sum`, which has the supervisor too. Undefined where there is no /proc. */
  readonly memoryAtRest: Readonly<Record<string, Memory | undefined>>;
  readonly signUpsPerSecond: number;
  readonly busy: Measurement;
  /** 50 pairs, one message of each under way. */
  readonly calm: Measurement;
  readonly memoryAfter: Memory | undefined;
}

/** The services apart on RabbitMQ, PostgreSQL and Redis, behind NGINX: `npm run stack`. */
export async function benchStack(pairCount: number, load: Omit<LoadPlan, "pairs">): Promise<StackFigures> {
  const folder = await mkdtemp(join(tmpdir(), "gochat-bench-"));
  try {
    await using stack = await startStack(folder);
    const { process, state, readyAfterMs } = stack;
    await sleep(5_000);
    const memoryAtRest = memoryOfParts(process.pid!, state);
    const { seats, signUpsPerSecond } = await signUpPeople(state.url, 2 * pairCount);
    const busy = await measure(process.pid!, { ...load, pairs: pairUp(seats, pairCount) });
    const calmPairs = pairUp(seats, Math.min(50, pairCount));
    const calm = await measure(process.pid!, { ...load, window: 1, pairs: calmPairs });
    const memoryAfter = memoryOf(process.pid!);
    return { readyAfterMs, memoryAtRest, signUpsPerSecond, busy, calm, memoryAfter };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface StackProcess extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly state: StackState;
  readonly readyAfterMs: number;
}

async function startStack(folder: string): Promise<StackProcess> {
  const began = performance.now();
  const script = resolve(import.meta.dirname, "../scripts/stack.ts");
  const stateFile = join(folder, "state.json");
  const child = spawn(process.execPath, [script, "--data", join(folder, "data"), "--state", stateFile], {
    env: { PATH: process.env.PATH, PORT: "0", RATE_LIMITS: "off", LOG_LEVEL: "warn" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  while (!existsSync(stateFile)) {
    if (child.exitCode !== null)
      throw new Error(`The stack ended with ${child.exitCode} before it was ready.`);
    await sleep(20);
  }
  return {
    process: child,
    state: JSON.parse(readFileSync(stateFile, "utf8")),
    readyAfterMs: performance.now() - began,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function memoryOfParts(root: number, { services, ...state }: StackState): Record<string, Memory | undefined> {
  const nodes = Object.entries(services).flatMap(([name, list]) =>
    list.map(({ pid }, index) => [`${name} ${index + 1}`, memoryOf(pid)] as const),
  );
  const engines = (["postgres", "rabbitmq", "redis", "nginx"] as const).flatMap((name) => {
    const { pid } = state[name];
    return pid === null ? [] : [[name, memoryOf(pid)] as const];
  });
  return Object.fromEntries([...nodes, ...engines, ["sum", memoryOf(root)]]);
}
