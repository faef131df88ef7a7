import type { ChatClientFrame } from "@gochat/contracts/sockets/chat";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createOutbox, type Outbox } from "./outbox.ts";
import type { OutboxEntry } from "./outbox-queue.ts";
import type { OutboxStore } from "./outbox-store.ts";

const userId = "ana";
const entry = (id: string): OutboxEntry => ({
  id,
  userId,
  to: "bob",
  conversationId: "conversation",
  body: id,
  writtenAt: 0,
});

/** What the tabs of a browser share. */
function createSharedStore(...entries: OutboxEntry[]) {
  const kept = new Map(entries.map((one) => [one.id, one]));
  const takeover = { begins: Promise.withResolvers<void>(), mayEnd: Promise.resolve() };
  let lists = 0;
  const store: OutboxStore = {
    list: async () => {
      const found = [...kept.values()];
      lists += 1;
      // The first reading shows what waits, the second one is that of the new owner.
      if (lists === 2) {
        takeover.begins.resolve();
        await takeover.mayEnd;
      }
      return found;
    },
    add: async (one) => void kept.set(one.id, one),
    remove: async (id) => void kept.delete(id),
    fail: async (id, failure) => void kept.set(id, { ...kept.get(id)!, failure }),
    clear: async () => kept.clear(),
  };
  return {
    store,
    kept,
    /** As a slow disk does: the new owner has begun to read, and goes on when it is released. */
    holdBackTakeover() {
      const { promise, resolve } = Promise.withResolvers<void>();
      takeover.mayEnd = promise;
      return { begins: takeover.begins.promise, release: resolve };
    },
  };
}

const tabs = new Set<Outbox>();
afterEach(() => {
  for (const tab of tabs) tab.stop();
  tabs.clear();
});

/** One tab; what it sends is written down. */
function openTab(store: OutboxStore) {
  const sent: string[] = [];
  const shown: string[] = [];
  const outbox = createOutbox({
    userId,
    store,
    send: (frame: ChatClientFrame) => {
      if (frame.type === "message.send") sent.push(frame.id);
      return true;
    },
    onStale: () => {},
    onWritten: ({ id }) => void (shown.includes(id) || shown.push(id)),
    onFailed: () => {},
    onGone: () => {},
  });
  tabs.add(outbox);
  outbox.connectionChanged(true);
  /** The server confirms everything in turn. */
  const confirmAll = async (count: number) => {
    for (let index = 0; index < count; index++) {
      await vi.waitFor(() => expect(sent.length).toBeGreaterThan(index));
      outbox.confirm(sent[index]!);
    }
  };
  return { outbox, sent, shown, confirmAll };
}

describe("the outbox", () => {
  it("sends what a reload found before what is written now", async () => {
    const shared = createSharedStore(entry("old-1"), entry("old-2"));
    const { begins, release } = shared.holdBackTakeover();
    const tab = openTab(shared.store);
    await begins;
    tab.outbox.write(entry("new"));
    await vi.waitFor(() => expect(shared.kept.has("new")).toBe(true));
    release();
    await tab.confirmAll(3);
    expect(tab.sent).toEqual(["old-1", "old-2", "new"]);
    await vi.waitFor(() => expect(shared.kept.size).toBe(0));
  });

  it("has one owner among the tabs, who sends for all of them", async () => {
    const shared = createSharedStore();
    const first = openTab(shared.store);
    first.outbox.write(entry("of-the-first"));
    await first.confirmAll(1);
    const second = openTab(shared.store);
    second.outbox.write(entry("of-the-second"));
    await vi.waitFor(() => expect(first.sent).toEqual(["of-the-first", "of-the-second"]));
    expect(second.sent).toEqual([]);
    expect(first.shown).toContain("of-the-second");
  });

  it("goes on in the next tab when its owner goes, in order", async () => {
    const shared = createSharedStore();
    const first = openTab(shared.store);
    first.outbox.write(entry("1"));
    await vi.waitFor(() => expect(first.sent).toEqual(["1"]));
    const second = openTab(shared.store);
    second.outbox.write(entry("2"));
    await vi.waitFor(() => expect(shared.kept.has("2")).toBe(true));
    first.outbox.stop();
    await second.confirmAll(2);
    expect(second.sent).toEqual(["1", "2"]);
  });

  it("does not send what was withdrawn while the store was read", async () => {
    const shared = createSharedStore(entry("old"));
    const { begins, release } = shared.holdBackTakeover();
    const tab = openTab(shared.store);
    await begins;
    tab.outbox.withdraw("conversation", "old");
    tab.outbox.write(entry("new"));
    release();
    await vi.waitFor(() => expect(tab.sent).toEqual(["new"]));
    expect(shared.kept.has("old")).toBe(false);
  });
});
