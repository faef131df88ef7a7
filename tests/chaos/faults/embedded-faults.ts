import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { directConversationId, partitionOf } from "@gochat/contracts/conversation-id";
import { failpoints } from "../armed/failpoints.ts";
import type { Fault, Striking } from "./fault.ts";

const embedded = ["embedded"] as const;
const anywhere = ["embedded", "stack"] as const;

/** The longest wait for a process to come by the failpoint that ends it. */
const crashWithinMs = 10_000;
const lockedMs = 12_000;
const troubledMs = 5_000;
const stoppedMs = 8_000;

export const embeddedFaults = {
  /** kill -9 of everything but PostgreSQL, which the next start finds. */
  kill: {
    struck: "service",
    modes: embedded,
    async strike({ system }) {
      await system.crash();
      await system.recover();
    },
  },
  /** The same at one of the places in the code. */
  crash: {
    struck: "service",
    modes: embedded,
    strike: (striking) => crashAt(striking.random.pick(failpoints), striking),
  },
  restart: {
    struck: "service",
    modes: embedded,
    async strike({ system }) {
      await system.restart();
    },
  },
  pause: {
    struck: "service",
    modes: embedded,
    async strike({ system }) {
      process.kill(system.pid(), "SIGSTOP");
      await sleep(stoppedMs);
      process.kill(system.pid(), "SIGCONT");
    },
  },
  "wrong-clock": {
    struck: "service",
    modes: embedded,
    async strike({ system, random }) {
      await system.restart(random.pick([-600_000, 600_000]));
    },
  },
  network: {
    struck: "client",
    modes: anywhere,
    async strike({ network, random }) {
      network.trouble(0.5, random);
      await sleep(troubledMs);
      network.heal();
    },
  },
  bus: {
    struck: "queue",
    modes: embedded,
    async strike({ system }) {
      await system.order({ order: "unreliable", isOn: true });
      await sleep(troubledMs);
      await system.order({ order: "unreliable", isOn: false });
    },
  },
  poison: { struck: "queue", modes: embedded, strike: poisonQueue },
  "postgres-killed": {
    struck: "postgres",
    modes: embedded,
    async strike({ system }) {
      process.kill(await system.postgresPid(), "SIGKILL");
      await untilDatabase(system);
    },
  },
  "postgres-stopped": {
    struck: "postgres",
    modes: embedded,
    async strike({ system }) {
      process.kill(await system.postgresPid(), "SIGQUIT");
      await untilDatabase(system);
    },
  },
  "postgres-connections": {
    struck: "postgres",
    modes: anywhere,
    async strike({ system }) {
      const client = await system.connectDatabase();
      await client.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
      );
      await client.end();
    },
  },
  /** Longer than a statement may take. */
  "postgres-locked": {
    struck: "postgres",
    modes: anywhere,
    async strike({ system }) {
      const client = await system.connectDatabase();
      await client.query("BEGIN; LOCK TABLE messages IN ACCESS EXCLUSIVE MODE");
      await sleep(lockedMs);
      await client.query("COMMIT");
      await client.end();
    },
  },
} as const satisfies Readonly<Record<string, Fault>>;

/** The crash at each of the places: `crash:messages.before-confirm`. */
export const crashes: Readonly<Record<string, Fault>> = Object.fromEntries(
  failpoints.map((failpoint): [string, Fault] => [
    `crash:${failpoint}`,
    { struck: "service", modes: embedded, strike: (striking) => crashAt(failpoint, striking) },
  ]),
);

async function crashAt(failpoint: string, { system, random }: Striking): Promise<void> {
  await system.order({ order: "crash", failpoint, hits: 1 + random.below(5) });
  const ended = system.ended().then(() => true);
  if (!(await Promise.race([ended, sleep(crashWithinMs, false)]))) {
    throw new Error(`The process did not come by ${failpoint}.`);
  }
  await system.recover();
}

/** An event that fits its schema and that no database can keep; it must be in the dead-letter queue afterwards. */
async function poisonQueue({ system, history }: Striking): Promise<void> {
  const [senderId, recipientId, id] = [randomUUID(), randomUUID(), randomUUID()];
  const conversationId = directConversationId(senderId, recipientId);
  const event = {
    conversationId,
    id,
    senderId,
    senderUsername: "poisoner",
    recipientId,
    opens: false,
    body: "poison \0",
    sentAt: new Date().toISOString(),
    node: "nobody",
    socket: "none",
  };
  history.write({ kind: "poison", id });
  await system.order({ order: "poison", event, partition: partitionOf(conversationId) });
  for (let attempt = 0; attempt < 100; attempt++) {
    const { deadLetters = [] } = (await system.order({ order: "report" })) ?? {};
    const letter = deadLetters.find(({ events }) => (events[0] as { id?: string }).id === id);
    if (letter) {
      history.write({ kind: "deadLetter", id, reason: letter.reason });
      return;
    }
    await sleep(100);
  }
}

async function untilDatabase(system: Striking["system"]): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    await sleep(50);
    const client = await system.connectDatabase().catch(() => undefined);
    if (client) return client.end();
  }
  throw new Error("PostgreSQL did not come back within 10 s.");
}
