import { describe, expect, it } from "vitest";
import { createOutboxQueue, type OutboxEntry } from "./outbox-queue.ts";

const entry = (id: string, conversationId = "with bob"): OutboxEntry => ({
  id,
  userId: "ana",
  to: "bob",
  conversationId,
  body: id,
  writtenAt: 0,
});
const ids = (entries: readonly OutboxEntry[]) => entries.map(({ id }) => id);

describe("the outbox queue", () => {
  it("sends a conversation one by one, in the order of writing", () => {
    const queue = createOutboxQueue();
    queue.add(entry("1"));
    queue.add(entry("2"));
    expect(ids(queue.due(0).send)).toEqual(["1"]);
    expect(ids(queue.due(5).send)).toEqual([]);
    queue.remove("1");
    expect(ids(queue.due(6).send)).toEqual(["2"]);
  });

  it("does not let one conversation wait for another", () => {
    const queue = createOutboxQueue();
    queue.add(entry("1"));
    queue.add(entry("2", "with eve"));
    expect(ids(queue.due(0).send)).toEqual(["1", "2"]);
  });

  it("never has more on the way than the server takes", () => {
    const queue = createOutboxQueue();
    for (let index = 0; index < 50; index++) queue.add(entry(`${index}`, `conversation ${index}`));
    expect(queue.due(0).send).toHaveLength(32);
  });

  it("sends again what is unanswered for 10 s, and doubts the connection after the second time", () => {
    const queue = createOutboxQueue();
    queue.add(entry("1"));
    expect(queue.due(0).askAgainAt).toBe(10_000);
    expect(queue.due(9_999).send).toEqual([]);
    const second = queue.due(10_000);
    expect([ids(second.send), second.isStale]).toEqual([["1"], false]);
    expect(queue.due(20_000).isStale).toBe(true);
  });

  it("keeps the order when the server is busy", () => {
    const queue = createOutboxQueue();
    queue.add(entry("1"));
    queue.add(entry("2"));
    queue.due(0);
    queue.hold("1", 3_000);
    expect(queue.due(10)).toEqual({ send: [], askAgainAt: 3_000, isStale: false });
    expect(ids(queue.due(3_000).send)).toEqual(["1"]);
  });

  it("starts anew with a new connection", () => {
    const queue = createOutboxQueue();
    queue.add(entry("1"));
    queue.add(entry("2"));
    queue.due(0);
    queue.reconnected();
    expect(ids(queue.due(1).send)).toEqual(["1"]);
  });

  it("takes the same message once", () => {
    const queue = createOutboxQueue();
    queue.add(entry("1"));
    queue.add(entry("1"));
    queue.due(0);
    queue.remove("1");
    expect(queue.due(1)).toEqual({ send: [], askAgainAt: null, isStale: false });
  });
});
