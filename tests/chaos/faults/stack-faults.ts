import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceName } from "@gochat/contracts/events/event";
import { serviceNames } from "@gochat/contracts/events/event";
import type { Node, Stack } from "../system/stack.ts";
import { askRedis } from "./ask-redis.ts";
import type { Fault, Faults, Striking } from "./fault.ts";

const shortPauseMs = 15_000;
const longPauseMs = 90_000;
const wrongClockMs = 10_000;
const redisPausedMs = 10_000;

/** What can happen to services and engines that run apart. */
export const stackFaults: Faults<Stack> = {
  ...Object.fromEntries(serviceNames.map((service) => [`kill-${service}`, killService(service)])),
  "kill-nginx": {
    struck: "service",
    strike: ({ system }) => killEngine(system, "nginx", "SIGKILL"),
  },
  "pause-messages": pauseMessages(shortPauseMs),
  "pause-messages-long": pauseMessages(longPauseMs),
  "rabbitmq-killed": engineFault("rabbitmq", "SIGKILL"),
  "rabbitmq-restarted": engineFault("rabbitmq", "SIGTERM"),
  "redis-killed": engineFault("redis", "SIGKILL"),
  "redis-flushed": {
    struck: "cache",
    flushes: true,
    strike: ({ system }) => askRedis(system.state.redis.url, "FLUSHALL"),
  },
  "redis-stopped": {
    struck: "cache",
    async strike({ system }) {
      const { pid } = system.state.redis;
      process.kill(pid!, "SIGSTOP");
      await sleep(redisPausedMs);
      process.kill(pid!, "SIGCONT");
    },
  },
  "postgres-killed": engineFault("postgres", "SIGKILL"),
  "postgres-stopped": engineFault("postgres", "SIGQUIT"),
  "wrong-clock": {
    struck: "service",
    async strike({ system, random }) {
      const node = random.pick(system.nodes());
      await system.setClock(node, random.pick([-600_000, 600_000]));
      await restart(system, node);
      await sleep(wrongClockMs);
      await system.setClock(node, 0);
      await restart(system, system.nodes(node.service).find(({ port }) => port === node.port)!);
    },
  },
  /** Of everything, twice: the engines among it are what takes long to recover from. */
  "rolling-restart": {
    struck: "rabbitmq",
    async strike({ system }) {
      for (let round = 1; round <= 2; round++) {
        for (const node of system.nodes()) await restart(system, node);
        await killEngine(system, "nginx", "SIGTERM");
        await killEngine(system, "redis", "SIGTERM");
        await killEngine(system, "rabbitmq", "SIGTERM");
        // A fast shutdown: on SIGTERM it would wait for everybody to leave.
        await killEngine(system, "postgres", "SIGINT");
      }
    },
  },
};

function killService(service: ServiceName): Fault<Stack> {
  return {
    struck: "service",
    async strike({ system, random }) {
      const node = random.pick(system.nodes(service));
      process.kill(node.pid, "SIGKILL");
      await system.replaced(node);
    },
  };
}

function pauseMessages(forMs: number): Fault<Stack> {
  return {
    struck: "service",
    async strike({ system }: Striking<Stack>) {
      const { pid } = await system.storingNode();
      process.kill(pid, "SIGSTOP");
      await sleep(forMs);
      process.kill(pid, "SIGCONT");
    },
  };
}

type EngineName = "postgres" | "rabbitmq" | "redis" | "nginx";

function engineFault(engine: Exclude<EngineName, "nginx">, signal: NodeJS.Signals): Fault<Stack> {
  return {
    struck: engine === "redis" ? "cache" : engine,
    strike: ({ system }) => killEngine(system, engine, signal),
  };
}

/** The stack starts it again by itself. */
async function killEngine(system: Stack, engine: EngineName, signal: NodeJS.Signals): Promise<void> {
  const { pid } = system.state[engine];
  process.kill(pid!, signal);
  for (let attempt = 0; system.state[engine].pid === pid; attempt++) {
    if (attempt > 1_800) throw new Error(`${engine} was not started again within 3 minutes.`);
    await sleep(100);
  }
  await system.untilWhole();
}

async function restart(system: Stack, node: Node): Promise<void> {
  process.kill(node.pid, "SIGTERM");
  await system.replaced(node);
}
