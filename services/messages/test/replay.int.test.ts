import { QueueFullError } from "@gochat/broker/broker";
import { encodeEnvelope } from "@gochat/broker/codec";
import { directConversationId } from "@gochat/contracts/conversation-id";
import type { EventContract } from "@gochat/contracts/events/event";
import {
  type MessageRead,
  type MessageStored,
  messageRead,
  messageStored,
} from "@gochat/contracts/events/message-events";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { moveReadPositions } from "../src/conversation-store.ts";
import { storeMessages } from "../src/message-store.ts";
import type { Parts } from "../src/parts.ts";
import { Replay } from "../src/replay.ts";
import { readBeat } from "../src/replay-store.ts";
import { findReplay, startSweeper } from "../src/sweeper.ts";
import { partsOf, sent } from "./fixtures.ts";

let gochat: GoChat;
beforeAll(async () => {
  gochat = await startGoChat({ services: ["messages"] });
});
afterAll(() => gochat[Symbol.asyncDispose]());

const hourAgo = () => new Date(Date.now() - 60 * 60_000);

/** A broker that keeps what is published, and may refuse it. */
function recorder(refuses: (publication: number) => boolean = () => false) {
  const stored: MessageStored[] = [];
  const reads: MessageRead[] = [];
  const publishedAt: number[] = [];
  let publications = 0;
  const publish = async (contract: EventContract, events: readonly unknown[]) => {
    // As every broker does: what does not fit its schema is refused.
    encodeEnvelope(contract, events);
    if (refuses(publications++)) throw new QueueFullError("q");
    publishedAt.push(performance.now());
    if (contract.name === messageStored.name) stored.push(...(events as MessageStored[]));
    if (contract.name === messageRead.name) reads.push(...(events as MessageRead[]));
  };
  const broker: Parts["broker"] = { publish, durable: false };
  const bodiesOf = (conversationId: string) =>
    stored.filter((event) => event.conversationId === conversationId).map(({ message }) => message.body);
  return { broker, stored, reads, publishedAt, bodiesOf };
}

/** A conversation with this many messages, the first `old` of them an hour old. */
async function talk(count: number, old = 0) {
  const [ana, bob] = [await gochat.person("ana"), await gochat.person("bob")];
  const conversationId = directConversationId(ana.id, bob.id);
  const bodies = Array.from({ length: count }, (_, index) => `message ${index}`);
  const database = gochat.database("messages");
  for (let from = 0; from < count; from += 400) {
    await storeMessages(
      database,
      bodies.slice(from, from + 400).map((body) => sent(ana, bob, body)),
    );
  }
  await database.query(
    "UPDATE messages SET created_at = created_at - interval '1 hour' WHERE conversation_id = $1 AND seq <= $2",
    [conversationId, old],
  );
  await database.query("UPDATE conversations SET announced_seq = last_seq WHERE id = $1", [conversationId]);
  return { ana, bob, conversationId, bodies };
}

async function drain(replay: Replay): Promise<void> {
  while (!replay.isDone) await replay.announcePage();
}

describe("what is said again after a restart", () => {
  test("is every message since a time, in order, and no older one", async () => {
    const long = await talk(1200, 321);
    const others = [await talk(7, 6), await talk(3, 0), await talk(5, 5)];
    const heard = recorder();
    await drain(new Replay(partsOf(gochat, { broker: heard.broker }), new Date(Date.now() - 30 * 60_000)));
    expect(heard.bodiesOf(long.conversationId)).toEqual(long.bodies.slice(321));
    expect(others.map(({ conversationId }) => heard.bodiesOf(conversationId))).toEqual([
      ["message 6"],
      ["message 0", "message 1", "message 2"],
      [],
    ]);
    expect(heard.stored.find((event) => event.conversationId === long.conversationId)?.senderUsername).toBe(
      "ana",
    );
  });

  test("is every read position that a device moved since then", async () => {
    const recent = await talk(2);
    const old = await talk(2);
    const database = gochat.database("messages");
    for (const { conversationId, bob } of [recent, old]) {
      await moveReadPositions(database, [{ conversationId, userId: bob.id, seq: 1 }]);
    }
    await database.query("UPDATE members SET read_at = $2 WHERE conversation_id = $1", [
      old.conversationId,
      hourAgo(),
    ]);
    const heard = recorder();
    await drain(new Replay(partsOf(gochat, { broker: heard.broker }), new Date(Date.now() - 30 * 60_000)));
    const { conversationId, ana, bob } = recent;
    expect(heard.reads).toEqual([
      { conversationId, userId: bob.id, readSeq: 1, memberIds: [bob.id, ana.id] },
    ]);
  });

  test("goes on where the broker refused it, and begins nothing anew", async () => {
    const { conversationId, bodies } = await talk(1200);
    const heard = recorder((publication) => publication === 2 || publication === 3);
    const replay = new Replay(partsOf(gochat, { broker: heard.broker }), hourAgo());
    let failures = 0;
    while (!replay.isDone) await replay.announcePage().catch(() => failures++);
    expect(failures).toBe(2);
    expect(heard.bodiesOf(conversationId)).toEqual(bodies);
  });
});

describe("the sweeper", () => {
  test("begins with what nobody heard at all, then repeats the rest at a bounded rate", async () => {
    const repeated = await talk(1500);
    const unheard = await talk(2);
    await gochat
      .database("messages")
      .query("UPDATE conversations SET announced_seq = 0 WHERE id = $1", [unheard.conversationId]);
    const heard = recorder();
    const parts = partsOf(gochat, { broker: heard.broker });
    parts.backlog.add([unheard.conversationId]);
    const replay = new Replay(parts, hourAgo());
    const stop = startSweeper(parts, replay);
    await vi.waitFor(() => expect(replay.isDone).toBe(true), 10_000);
    await stop();
    expect(heard.stored[0]?.conversationId).toBe(unheard.conversationId);
    expect(heard.bodiesOf(repeated.conversationId)).toEqual(repeated.bodies);
    const tookMs = heard.publishedAt.at(-1)! - heard.publishedAt[0]!;
    expect(heard.stored.length / tookMs).toBeLessThan(6);
  });

  test("keeps when it was last alive, but not before everything is said again", async () => {
    const database = gochat.database("messages");
    const longAgo = new Date("2026-01-01T00:00:00.000Z");
    await database.query("UPDATE beat SET at = $1", [longAgo]);
    await talk(1);
    const refusing = partsOf(gochat, { broker: recorder(() => true).broker });
    const cut = await findReplay(refusing);
    await startSweeper(refusing, cut)();
    expect(await readBeat(database)).toEqual(longAgo);

    const heard = recorder();
    const parts = partsOf(gochat, { broker: heard.broker });
    const replay = await findReplay(parts);
    const stop = startSweeper(parts, replay);
    await vi.waitFor(() => expect(replay?.isDone).toBe(true), 10_000);
    await stop();
    expect((await readBeat(database))!.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });

  test("repeats nothing where the broker kept its queues", async () => {
    const { broker } = recorder();
    expect(await findReplay(partsOf(gochat, { broker: { ...broker, durable: true } }))).toBeUndefined();
  });
});
