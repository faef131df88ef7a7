import { setTimeout as sleep } from "node:timers/promises";
import type { Embedded } from "../system/embedded.ts";
import type { Faults } from "./fault.ts";

const unreliableMs = 5_000;
const wrongClockMs = 5_000;
const stoppedMs = 8_000;

/** What can happen to a GoChat in one process. */
export const embeddedFaults: Faults<Embedded> = {
  /** kill -9 of everything but PostgreSQL, which the next start finds. */
  kill: {
    struck: "service",
    strike: ({ system }) => system.kill(),
  },
  restart: {
    struck: "service",
    strike: ({ system }) => system.restart(),
  },
  pause: {
    struck: "service",
    async strike({ system }) {
      process.kill(system.pid(), "SIGSTOP");
      await sleep(stoppedMs);
      process.kill(system.pid(), "SIGCONT");
    },
  },
  "wrong-clock": {
    struck: "service",
    async strike({ system, random }) {
      await system.restart(random.pick([-600_000, 600_000]));
      await sleep(wrongClockMs);
      await system.restart();
    },
  },
  bus: {
    struck: "queue",
    async strike({ system }) {
      await system.setUnreliable(true);
      await sleep(unreliableMs);
      await system.setUnreliable(false);
    },
  },
  "postgres-killed": {
    struck: "postgres",
    async strike({ system }) {
      process.kill(await system.postgresPid(), "SIGKILL");
      await untilDatabase(system);
    },
  },
  "postgres-stopped": {
    struck: "postgres",
    async strike({ system }) {
      process.kill(await system.postgresPid(), "SIGQUIT");
      await untilDatabase(system);
    },
  },
};

async function untilDatabase(system: Embedded): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    await sleep(50);
    const client = await system.connectDatabase().catch(() => undefined);
    if (client) return client.end();
  }
  throw new Error("PostgreSQL did not come back within 10 s.");
}
