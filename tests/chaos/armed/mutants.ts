import type { DeviceOptions } from "../drive/device.ts";
import type { System } from "../system/system.ts";
import type { Patch } from "./patch.ts";

type Mode = System["mode"];

interface Sown {
  readonly source?: readonly Patch[];
  /** The faults under which it must show. */
  readonly faults: readonly string[];
}

/** A bug sown on purpose: the checker must find it. */
export interface Mutant extends Sown {
  /** Where it can be found at all; without it, in both. */
  readonly modes?: readonly Mode[];
  /** Where it lies elsewhere, or shows elsewhere, once the services run apart. */
  readonly stack?: Partial<Sown>;
  /** A change of a function in the database of messages, as its migration wrote it. */
  readonly sql?: { readonly function: string; readonly find: string; readonly replace: string };
  /** What the devices of the driver leave out. */
  readonly omits?: DeviceOptions["omits"];
  /** The invariants of which one at least must be violated. */
  readonly breaks: readonly number[];
}

const storing = "services/messages/src/commands/store-messages.ts";
/** What another bug lets go ahead of what is missing would be refused as early, and the bug not seen. */
const nothingIsEarly: Patch = {
  file: storing,
  find: "parts.sendOrder.early(events)",
  replace: "new Set()",
};

const mutants: Readonly<Record<string, Mutant>> = {
  /** The sender is told before the transaction is committed. */
  "acknowledge-before-commit": {
    source: [
      {
        file: storing,
        find: "storeAll(parts, ready)",
        replace: "chaos.beforeCommit(parts.database, (connection) => storeMessages(connection, ready))",
      },
    ],
    faults: ["kill"],
    stack: { faults: ["postgres-killed", "postgres-killed"] },
    breaks: [1, 4],
  },
  "replays-not-announced": {
    source: [
      {
        file: storing,
        find: "verdicts.stored.push(toStored(event, outcome));",
        replace: `if (outcome.outcome === "stored") verdicts.stored.push(toStored(event, outcome));`,
      },
    ],
    faults: ["network"],
    breaks: [9],
  },
  "replays-not-looked-up": {
    sql: { function: "store_batch", find: "AND messages.id = input.id", replace: "AND false" },
    faults: ["network"],
    breaks: [3, 10],
  },
  "seq-in-memory": {
    source: [
      {
        file: storing,
        find: "storeAll(parts, ready)",
        replace: "chaos.seqFromMemory(parts.database, ready, storeMessages)",
      },
    ],
    faults: ["postgres-connections", "postgres-locked"],
    breaks: [4],
  },
  "rejected-without-dead-letter": {
    source: [
      {
        file: "packages/runtime/patience.ts",
        find: "await delivery.deadLetter(event, error instanceof Error ? error.message : String(error));",
        replace: "",
      },
    ],
    faults: ["poison"],
    breaks: [15],
  },
  "two-batches-in-flight": {
    source: [
      {
        file: "services/messages/src/handlers.ts",
        find: "await joint.store(passed, delivery);",
        replace:
          "await chaos.twoAtOnce(passed[0].conversationId, () => storeAndAnnounce(parts, passed, delivery));",
      },
      nothingIsEarly,
    ],
    faults: ["postgres-connections", "postgres-connections", "postgres-connections", "postgres-connections"],
    breaks: [5, 6, 8],
  },
  /** A batch counts as handled once it is handed out. */
  "automatic-acknowledgement": {
    source: [
      {
        file: "packages/broker/batch-consumer.ts",
        find: "onFailure(batch.deliveries, error);",
        replace: "onFailure(batch.deliveries, error); source.remove(batch); return;",
      },
      nothingIsEarly,
    ],
    faults: ["bus", "bus"],
    stack: {
      source: [
        {
          file: "packages/broker/rabbitmq/queue-consumer.ts",
          find: "else opened.close().catch(() => {});\n      });",
          replace: "else opened.close().catch(() => {});\n      }, { noAck: true });",
        },
        {
          file: "packages/broker/rabbitmq/queue-consumer.ts",
          find: "this.#channel?.ack(last, true);",
          replace: "",
        },
        nothingIsEarly,
      ],
      faults: Array.from({ length: 4 }, () => "crash:messages.before-transaction"),
    },
    breaks: [5, 6, 8, 12],
  },
  /** In one process nothing is lost between chat and messages without the sockets as well. */
  "no-send-order": {
    modes: ["stack"],
    source: [nothingIsEarly],
    faults: ["full-queues-deleted", "full-queues-deleted"],
    breaks: [5, 6],
  },
  "receipt-without-maximum": {
    sql: {
      function: "mark_read",
      find: "AND members.read_seq < least(seen.seq, conversations.last_seq)",
      replace: "AND members.read_seq <> least(seen.seq, conversations.last_seq)",
    },
    faults: ["network"],
    breaks: [11],
  },
  /** A bug of the client, which the driver plays. */
  "catch-up-of-one-page": {
    omits: "further pages",
    faults: ["network", "kill"],
    stack: { faults: ["network", "kill-chat"] },
    breaks: [7],
  },
  /** Neither on `resume`, nor after the broker was lost, nor on the ping. */
  "no-head-after-reconnect": {
    source: [
      {
        file: "services/chat/src/commands/ask-heads.ts",
        find: "const isTaken = outgoing",
        replace: "const isTaken = true || outgoing",
      },
      {
        file: "services/chat/src/head-requests.ts",
        find: "if (sockets.all.size === 0)",
        replace: "if (true)",
      },
    ],
    faults: ["network", "kill"],
    stack: { faults: ["network", "rabbitmq-killed"] },
    breaks: [7],
  },
};

/** The names of those that can be found in this mode. */
export function mutantsOf(mode: Mode): string[] {
  const all = Object.entries(mutants);
  return all.filter(([, { modes }]) => modes?.includes(mode) ?? true).map(([name]) => name);
}

/** As it is sown in this mode. Throws for a name that nobody knows there. */
export function findMutant(name: string, mode: Mode): Mutant {
  const mutant = mutants[name];
  const names = mutantsOf(mode);
  if (!mutant || !names.includes(name)) {
    throw new Error(`There is no mutant ${name} in mode ${mode}. Choose from ${names.join(", ")}.`);
  }
  return mode === "stack" ? { ...mutant, ...mutant.stack } : mutant;
}
