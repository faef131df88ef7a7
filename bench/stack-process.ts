import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { StackState } from "@gochat/stack/state";
import type { Target } from "./target.ts";

export interface StackTarget extends Target {
  /** As it is now: a part that was killed has another process id later. */
  state(): StackState;
}

const startTimeoutMs = 90_000;

/** The services apart on RabbitMQ, PostgreSQL and Redis, behind NGINX: `npm run stack`. */
export async function startStack(folder: string): Promise<StackTarget> {
  const began = performance.now();
  const script = resolve(import.meta.dirname, "../scripts/stack.ts");
  const [data, stateFile] = [join(folder, "data"), join(folder, "state.json")];
  const child = spawn(process.execPath, [script, "--data", data, "--state", stateFile], {
    // As docs/running.md has it for a cluster on one machine.
    env: { PATH: process.env.PATH, PORT: "0", PARTITIONS: "1", RATE_LIMITS: "off", LOG_LEVEL: "warn" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  while (!existsSync(stateFile)) {
    if (child.exitCode !== null)
      throw new Error(`The stack ended with ${child.exitCode} before it was ready.`);
    if (performance.now() - began > startTimeoutMs) {
      child.kill("SIGTERM");
      await once(child, "exit");
      throw new Error(`The stack was not ready within ${startTimeoutMs / 1_000} s.`);
    }
    await sleep(20);
  }
  const state = (): StackState => JSON.parse(readFileSync(stateFile, "utf8"));
  const { url, postgres } = state();
  return {
    mode: "stack",
    url,
    roots: [child.pid!],
    get parts() {
      return partsOf(state());
    },
    readyAfterMs: performance.now() - began,
    databaseUrl: (service) => Object.assign(new URL(postgres.url), { pathname: `/${service}` }).href,
    keysFile: join(data, "secrets/keys.json"),
    state,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** The processes of the services, numbered, and the engines. */
function partsOf({ services, ...state }: StackState): Record<string, number> {
  const nodes = Object.entries(services).flatMap(([name, list]) =>
    list.map(({ pid }, index) => [list.length > 1 ? `${name}-${index + 1}` : name, pid] as const),
  );
  const engines = (["postgres", "rabbitmq", "redis", "nginx"] as const).flatMap((name) => {
    const { pid } = state[name];
    return pid === null ? [] : [[name, pid] as const];
  });
  return Object.fromEntries([...nodes, ...engines]);
}
