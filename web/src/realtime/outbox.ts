import type { ChatClientFrame } from "@gochat/contracts/sockets/chat";
import { withTabLock } from "../lib/locks.ts";
import { createOutboxQueue, type OutboxEntry } from "./outbox-queue.ts";
import type { OutboxStore } from "./outbox-store.ts";

/** What the rest of the client learns, also of other tabs. */
interface OutboxEvents {
  onWritten(entry: OutboxEntry): void;
  onFailed(entry: OutboxEntry, reason: string): void;
  /** Withdrawn here, or gone from the outbox in another tab. */
  onGone(conversationId: string, id: string): void;
}

export interface OutboxOptions extends OutboxEvents {
  readonly userId: string;
  readonly store: OutboxStore;
  /** False when there is no usable socket. */
  send(frame: ChatClientFrame): boolean;
  /** Nothing is answered any more: connect anew. */
  onStale(): void;
}

/** What tabs tell each other. */
type Note =
  | { kind: "written"; entry: OutboxEntry }
  | { kind: "failed"; entry: OutboxEntry; reason: string }
  | { kind: "withdrawn" | "confirmed"; conversationId: string; id: string };

/** Before a tab hides what another tab knows as stored, its own copy should have come. */
const ownCopyMs = 3_000;

/**
 * Messages on their way. Each tab writes into the store; one tab, the owner of a Web Lock, sends for all of them,
 * so that they leave in the order of writing. When that tab goes, the next one takes over from the store.
 */
export interface Outbox {
  write(entry: OutboxEntry): void;
  withdraw(conversationId: string, id: string): void;
  /** The server has it (or refused it for good, with the reason). */
  confirm(id: string): void;
  refuse(id: string, reason: string): void;
  /** The server could not take it now. */
  postpone(id: string, retryAfterMs: number): void;
  /** The chat socket is usable again, or no longer. */
  connectionChanged(isConnected: boolean): void;
  stop(): void;
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { store, userId } = options;
  const queue = createOutboxQueue();
  const owning = new AbortController();
  const channel = new BroadcastChannel(`gochat-outbox-${userId}`);
  let isOwner = false;
  /** While a new owner reads the store: what was written and what went meanwhile. */
  let takeover: { written: OutboxEntry[]; gone: Set<string> } | undefined;
  let isConnected = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing: Promise<void> = Promise.resolve();

  const tell = (note: Note) => channel.postMessage(note);

  function pump(): void {
    clearTimeout(timer);
    if (!isOwner || !isConnected || owning.signal.aborted) return;
    const { send, askAgainAt, isStale } = queue.due(Date.now());
    if (isStale) return options.onStale();
    for (const { id, to, body } of send) options.send({ type: "message.send", id, to, body });
    if (askAgainAt !== null) timer = setTimeout(pump, Math.max(50, askAgainAt - Date.now()));
  }

  /** The owner queues an entry once it is in the store, so that a crash finds it there. */
  function enqueue(entry: OutboxEntry): void {
    takeover?.written.push(entry);
    if (!isOwner) return;
    queue.add(entry);
    pump();
  }

  function unqueue(id: string): OutboxEntry | undefined {
    takeover?.gone.add(id);
    return queue.remove(id);
  }

  function forget(id: string): void {
    void store.remove(id);
    if (unqueue(id)) pump();
  }

  /** What lies in the store was written first, so nothing is sent before all of that is queued. */
  async function takeOver(): Promise<void> {
    const { written, gone } = { written: [] as OutboxEntry[], gone: new Set<string>() };
    takeover = { written, gone };
    const stored = await store.list(userId);
    takeover = undefined;
    for (const entry of [...stored, ...written]) {
      if (gone.has(entry.id)) void store.remove(entry.id);
      else if (entry.failure === undefined) queue.add(entry);
    }
    isOwner = true;
    pump();
  }

  channel.onmessage = ({ data }: MessageEvent<Note>) => {
    if (data.kind === "written") {
      options.onWritten(data.entry);
      enqueue(data.entry);
    } else if (data.kind === "failed") {
      options.onFailed(data.entry, data.reason);
    } else if (data.kind === "withdrawn") {
      unqueue(data.id);
      options.onGone(data.conversationId, data.id);
    } else {
      setTimeout(() => options.onGone(data.conversationId, data.id), ownCopyMs);
    }
  };

  async function begin(): Promise<void> {
    for (const entry of await store.list(userId)) {
      options.onWritten(entry);
      if (entry.failure !== undefined) options.onFailed(entry, entry.failure);
    }
    const own = async () => {
      await takeOver();
      if (!owning.signal.aborted) await once(owning.signal, "abort");
    };
    await withTabLock(`gochat-outbox-${userId}`, own, owning.signal);
  }
  begin().catch((error: unknown) => {
    // Aborted while waiting for the lock: this tab never owned the outbox.
    if (!owning.signal.aborted) throw error;
  });

  return {
    write(entry) {
      options.onWritten(entry);
      writing = writing
        .then(() => store.add(entry))
        .then(() => {
          tell({ kind: "written", entry });
          enqueue(entry);
        });
    },
    withdraw(conversationId, id) {
      forget(id);
      options.onGone(conversationId, id);
      tell({ kind: "withdrawn", conversationId, id });
    },
    confirm(id) {
      const entry = unqueue(id);
      if (!entry) return;
      void store.remove(id);
      tell({ kind: "confirmed", conversationId: entry.conversationId, id });
      pump();
    },
    refuse(id, reason) {
      const entry = unqueue(id);
      if (!entry) return;
      void store.fail(id, reason);
      options.onFailed(entry, reason);
      tell({ kind: "failed", entry, reason });
      pump();
    },
    postpone(id, retryAfterMs) {
      queue.hold(id, Date.now() + retryAfterMs);
      pump();
    },
    connectionChanged(now) {
      isConnected = now;
      if (now) queue.reconnected();
      pump();
    },
    stop() {
      clearTimeout(timer);
      owning.abort();
      channel.close();
    },
  };
}

function once(target: EventTarget, event: string): Promise<void> {
  return new Promise((resolve) => target.addEventListener(event, () => resolve(), { once: true }));
}
