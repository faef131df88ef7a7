import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { failpoints } from "../armed/failpoints.ts";
import { writeDeadLetters } from "./dead-letters.ts";
import type { Fault, Faults, Striking } from "./fault.ts";

/** Longer than a statement may take. */
const lockedMs = 20_000;
const troubledMs = 5_000;
const deadLetterWithinMs = 10_000;

/** What can happen to every GoChat. */
export const commonFaults: Faults = {
  /** kill -9 at one of the places in the code. */
  crash: {
    struck: "service",
    async strike({ system, random }) {
      await system.crashAt(random.pick(failpoints), 1 + random.below(5));
    },
  },
  network: {
    struck: "client",
    async strike({ network, random }) {
      network.trouble(0.5, random);
      await sleep(troubledMs);
      network.heal();
    },
  },
  poison: { struck: "queue", strike: poisonQueue },
  "postgres-connections": {
    struck: "postgres",
    async strike({ system }) {
      const client = await system.connectDatabase();
      await client.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
      );
      await client.end();
    },
  },
  "postgres-locked": {
    struck: "postgres",
    async strike({ system }) {
      const client = await system.connectDatabase();
      await client.query("BEGIN; LOCK TABLE messages IN ACCESS EXCLUSIVE MODE");
      await sleep(lockedMs);
      await client.query("COMMIT");
      await client.end();
    },
  },
};

/** The crash at each of the places: `crash:messages.before-confirm`. */
export const crashes: Faults = Object.fromEntries(
  failpoints.map((failpoint): [string, Fault] => [
    `crash:${failpoint}`,
    {
      struck: "service",
      strike: ({ system, random }) => system.crashAt(failpoint, 1 + random.below(5)),
    },
  ]),
);

/** Poison must be in the dead-letter queue afterwards. */
async function poisonQueue({ system, history }: Striking): Promise<void> {
  const id = randomUUID();
  history.write({ kind: "poison", id });
  await system.poison(id);
  const until = performance.now() + deadLetterWithinMs;
  while (performance.now() < until) {
    if (writeDeadLetters(history, await system.deadLetters()).has(id)) return;
    await sleep(100);
  }
}
