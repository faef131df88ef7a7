import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { OutboxEntry } from "./outbox-queue.ts";

/** Where unsent messages survive a reload. Every call resolves even where the browser keeps nothing. */
export interface OutboxStore {
  /** Entries of one person in the order of writing. */
  list(userId: string): Promise<OutboxEntry[]>;
  add(entry: OutboxEntry): Promise<void>;
  remove(id: string): Promise<void>;
  fail(id: string, reason: string): Promise<void>;
  /** Forgets what one person has not sent. */
  clear(userId: string): Promise<void>;
}

interface Schema extends DBSchema {
  outbox: {
    key: number;
    value: OutboxEntry;
    indexes: { userId: string; id: string };
  };
}

/** An outbox in IndexedDB, shared by the tabs of this browser. Its own counter keeps the order. */
export function createOutboxStore(): OutboxStore {
  let opening: Promise<IDBPDatabase<Schema>> | undefined;

  function open(): Promise<IDBPDatabase<Schema>> {
    opening ??= openDB<Schema>("gochat", 1, {
      upgrade(database) {
        const outbox = database.createObjectStore("outbox", { autoIncrement: true });
        outbox.createIndex("userId", "userId");
        outbox.createIndex("id", "id", { unique: true });
      },
      terminated() {
        opening = undefined;
      },
    });
    return opening;
  }

  /** Blocked, full or broken storage costs the memory of a reload, not the sending. */
  async function attempt<Result>(otherwise: Result, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      console.warn("The outbox cannot be kept on this device.", error);
      return otherwise;
    }
  }

  return {
    list: (userId) => attempt([], async () => (await open()).getAllFromIndex("outbox", "userId", userId)),
    add: (entry) =>
      attempt(undefined, async () => {
        await (await open()).add("outbox", entry);
      }),
    remove: (id) =>
      attempt(undefined, async () => {
        const transaction = (await open()).transaction("outbox", "readwrite");
        const cursor = await transaction.store.index("id").openCursor(id);
        await cursor?.delete();
        await transaction.done;
      }),
    fail: (id, failure) =>
      attempt(undefined, async () => {
        const transaction = (await open()).transaction("outbox", "readwrite");
        const cursor = await transaction.store.index("id").openCursor(id);
        await cursor?.update({ ...cursor.value, failure });
        await transaction.done;
      }),
    clear: (userId) =>
      attempt(undefined, async () => {
        const transaction = (await open()).transaction("outbox", "readwrite");
        for await (const cursor of transaction.store.index("userId").iterate(userId)) await cursor.delete();
        await transaction.done;
      }),
  };
}
