import { setTimeout as sleep } from "node:timers/promises";
import { partitionOf } from "@gochat/contracts/conversation-id";
import type { MessageSent } from "@gochat/contracts/events/message-events";
import { partitionCount } from "@gochat/contracts/limits";
import type { Database, Queryable } from "@gochat/database/database";

/** What patched code calls: `chaos.failpoint("…")`. */
interface ChaosRuntime {
  failpoint(name: string): void;
  /** The same, a moment later: not until what was written has reached the other side. */
  failpointOnceSent(name: string): Promise<void>;
  beforeCommit<Rows>(database: Database, work: (connection: Queryable) => Promise<Rows>): Promise<Rows>;
  seqFromMemory<Rows>(
    database: Database,
    events: readonly MessageSent[],
    store: (connection: Queryable, events: readonly MessageSent[]) => Promise<Rows[]>,
  ): Promise<Rows[]>;
  twoAtOnce<Result>(conversationId: string, work: () => Promise<Result[]>): Promise<Result[]>;
}

const commitsLateMs = 40;
/** amqplib writes when the turn of the event loop is over, and what nobody has read yet dies with a connection. */
const sentWithinMs = 5;

export interface Armed {
  readonly runtime: ChaosRuntime;
  /** From now on the process dies at the n-th passing of this failpoint. */
  arm(failpoint: string, hits: number): void;
  disarm(): void;
}

export function createRuntime(): Armed {
  let armed: { name: string; hits: number } | undefined;
  const lastSeqs = new Map<string, number>();
  const inFlight = new Map<number, Promise<unknown>[]>();

  return {
    arm(name, hits) {
      armed = { name, hits };
    },
    disarm() {
      armed = undefined;
    },
    runtime: {
      failpoint(name) {
        if (armed?.name !== name) return;
        armed.hits -= 1;
        if (armed.hits <= 0) process.kill(process.pid, "SIGKILL");
      },
      async failpointOnceSent(name) {
        if (armed?.name !== name) return;
        armed.hits -= 1;
        if (armed.hits > 0) return;
        await sleep(sentWithinMs);
        if (armed) process.kill(process.pid, "SIGKILL");
      },
      beforeCommit(database, work) {
        return new Promise((resolve, reject) => {
          const transaction = database.transaction(async (connection) => {
            resolve(await work(connection));
            await sleep(commitsLateMs);
          });
          transaction.catch(reject);
        });
      },
      /** Positions are counted up before it is known whether they are stored. */
      seqFromMemory(database, events, store) {
        return database.transaction(async (connection) => {
          const counts = Map.groupBy(events, ({ conversationId }) => conversationId);
          for (const conversationId of [...counts.keys()].sort()) {
            const last = lastSeqs.get(conversationId);
            if (last !== undefined) {
              await connection.query(
                "UPDATE conversations SET last_seq = $2 WHERE id = $1 AND last_seq < $2",
                [conversationId, last],
              );
            }
            lastSeqs.set(conversationId, (last ?? 0) + counts.get(conversationId)!.length);
          }
          const rows = await store(connection, events);
          for (const [index, { conversationId }] of events.entries()) {
            const { seq } = rows[index] as { seq?: number };
            if (seq) lastSeqs.set(conversationId, seq);
          }
          return rows;
        });
      },
      /** Answers before the work is done, unless two batches of the partition are in hand. */
      async twoAtOnce(conversationId, work) {
        const partition = partitionOf(conversationId, partitionCount);
        const batches = inFlight.get(partition) ?? [];
        inFlight.set(partition, batches);
        if (batches.length >= 2) await batches.shift();
        batches.push(work().catch(() => []));
        return [];
      },
    },
  };
}
