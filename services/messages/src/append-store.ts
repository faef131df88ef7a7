import { digestBytes } from "@gochat/contracts/digest";
import type { MessageSent } from "@gochat/contracts/events/message-events";
import { uuidBytes } from "@gochat/contracts/uuid";
import {
  bigintArray,
  byteaArrayOf,
  int4Array,
  textArray,
  uuidArray,
  uuidArrayOf,
} from "@gochat/database/binary-arrays";
import type { Queryable } from "@gochat/database/database";
import { extendChain, type Links } from "./chain.ts";
import type { LogEnd, LogEnds } from "./log-ends.ts";
import type { Outcome } from "./message-store.ts";

/** A log that is to get the messages `from` to `to` of those in the order of their logs. */
interface Growth {
  readonly conversationId: string;
  readonly known: LogEnd;
  readonly from: number;
  readonly to: number;
  readonly end: LogEnd;
}

/** A batch in the order of its logs, with the digest of each message. */
interface Appendage extends Links {
  readonly events: readonly MessageSent[];
  readonly growths: readonly Growth[];
  readonly digests: Buffer;
}

/**
 * Stores a batch in one round trip and one transaction, from what is known of its conversations; see
 * migrations/006-append-batch.sql. Answers one outcome an event, in order, each of them "stored". Undefined, with nothing
 * stored, where the batch has to be judged message by message.
 */
export async function appendMessages(
  database: Queryable,
  ends: LogEnds,
  events: readonly MessageSent[],
): Promise<Outcome[] | undefined> {
  const logs = new Map<string, number[]>();
  for (const [index, { conversationId, replyTo }] of events.entries()) {
    if (replyTo !== undefined) return undefined;
    const log = logs.get(conversationId);
    if (log) log.push(index);
    else logs.set(conversationId, [index]);
  }
  const known = await knownEnds(database, ends, [...logs.keys()].sort());
  if (!known) return undefined;
  const order = [...known.keys()].flatMap((conversationId) => logs.get(conversationId)!);
  const appendage = prepare(
    order.map((index) => events[index]!),
    known,
  );
  const firsts = await append(database, appendage);
  if (!firsts) {
    ends.forget(known.keys());
    return undefined;
  }
  for (const { conversationId, end } of appendage.growths) ends.set(conversationId, end);
  return outcomesOf(appendage, firsts, order);
}

/** What the outcomes of a batch that was judged say about where logs end now. */
export function learnEnds(ends: LogEnds, events: readonly MessageSent[], outcomes: readonly Outcome[]): void {
  for (const [index, { outcome, seq, digest }] of outcomes.entries()) {
    if (outcome !== "stored") continue;
    const { conversationId, senderId } = events[index]!;
    ends.set(conversationId, { seq, digest: Buffer.from(digest, "base64"), senderId });
  }
}

/**
 * Where the logs of these conversations end, in their order. Undefined where one isn't there, and where most are not
 * known: to judge a batch tells as much, at no further round trip.
 */
async function knownEnds(
  database: Queryable,
  ends: LogEnds,
  conversationIds: readonly string[],
): Promise<ReadonlyMap<string, LogEnd> | undefined> {
  const remembered = endsOf(ends, conversationIds);
  if (remembered) return remembered;
  const unknown = conversationIds.filter((conversationId) => !ends.get(conversationId));
  if (unknown.length * 2 > conversationIds.length) return undefined;
  const rows = await database.query<{ id: string; seq: number; digest: Buffer; sender_id: string | null }>(
    `SELECT id, last_seq AS seq, digest, last_sender_id AS sender_id
     FROM conversations WHERE id = ANY ($1::uuid[])`,
    [uuidArray(unknown)],
  );
  for (const { id, seq, digest, sender_id } of rows) ends.set(id, { seq, digest, senderId: sender_id });
  return endsOf(ends, conversationIds);
}

/** Undefined where one of them is not remembered. */
function endsOf(ends: LogEnds, conversationIds: readonly string[]): ReadonlyMap<string, LogEnd> | undefined {
  const known = new Map<string, LogEnd>();
  for (const conversationId of conversationIds) {
    const end = ends.get(conversationId);
    if (!end) return undefined;
    known.set(conversationId, end);
  }
  return known;
}

/** `events` in the order of their logs, and those in the order of `known`. */
function prepare(events: readonly MessageSent[], known: ReadonlyMap<string, LogEnd>): Appendage {
  const links: Links = {
    ids: uuidBytes(events.map((event) => event.id)),
    senderIds: uuidBytes(events.map((event) => event.senderId)),
    bodies: events.map((event) => event.body),
  };
  const digests = Buffer.allocUnsafe(events.length * digestBytes);
  const growths: Growth[] = [];
  let from = 0;
  for (const [conversationId, end] of known) {
    let to = from;
    while (events[to]?.conversationId === conversationId) to += 1;
    extendChain(end, links, [from, to], digests);
    const last = to - 1;
    growths.push({
      conversationId,
      known: end,
      from,
      to,
      end: {
        seq: end.seq + to - from,
        digest: digests.subarray(last * digestBytes, to * digestBytes),
        senderId: events[last]!.senderId,
      },
    });
    from = to;
  }
  return { ...links, events, growths, digests };
}

/** Answers the times of the first new messages, in microseconds since 1970. */
async function append(database: Queryable, appendage: Appendage): Promise<number[] | undefined> {
  const { growths, ids, senderIds, bodies, digests } = appendage;
  const places: number[] = [];
  const numbers: number[] = [];
  for (const [place, { from, to }] of growths.entries()) {
    for (let index = from; index < to; index++) {
      places.push(place + 1);
      numbers.push(index - from + 1);
    }
  }
  const { others, passed } = turnsOf(appendage);
  const [row] = await database.query<{ first_us: string | null }>(
    `SELECT append_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) AS first_us`,
    [
      uuidArray(growths.map(({ conversationId }) => conversationId)),
      bigintArray(growths.map(({ known }) => known.seq)),
      byteaArrayOf(Buffer.concat(growths.map(({ known }) => known.digest)), digestBytes),
      uuidArray(growths.map(({ known }) => known.senderId)),
      bigintArray(growths.map(({ end }) => end.seq)),
      byteaArrayOf(Buffer.concat(growths.map(({ end }) => end.digest)), digestBytes),
      uuidArray(growths.map(({ end }) => end.senderId)),
      uuidArray(others.map(({ conversationId }) => conversationId)),
      uuidArray(others.map(({ userId }) => userId)),
      uuidArray(passed.map(({ conversationId }) => conversationId)),
      uuidArray(passed.map(({ userId }) => userId)),
      bigintArray(passed.map(({ seq }) => seq)),
      int4Array(places),
      int4Array(numbers),
      uuidArrayOf(ids),
      uuidArrayOf(senderIds),
      textArray(bodies),
      byteaArrayOf(digests, digestBytes),
    ],
  );
  return row!.first_us?.split(",").map(Number);
}

interface Turn {
  readonly conversationId: string;
  readonly userId: string;
}

/** Who else than the last sender sends, and up to where those before them have read, by having sent. */
function turnsOf({ events, growths }: Appendage): { others: Turn[]; passed: (Turn & { seq: number })[] } {
  const others: Turn[] = [];
  const passed: (Turn & { seq: number })[] = [];
  for (const { conversationId, known, from, to } of growths) {
    let before = known.senderId;
    for (let index = from; index < to; index++) {
      const { senderId } = events[index]!;
      if (senderId === before) continue;
      others.push({ conversationId, userId: senderId });
      if (before !== null) passed.push({ conversationId, userId: before, seq: known.seq + index - from });
      before = senderId;
    }
  }
  return { others, passed };
}

/** By the order of the batch. Nothing here may fail: it is on disk. */
function outcomesOf(
  { growths, digests }: Appendage,
  firsts: readonly number[],
  order: readonly number[],
): Outcome[] {
  const outcomes = new Array<Outcome>(order.length);
  for (const [place, { known, from, to }] of growths.entries()) {
    for (let index = from; index < to; index++) {
      outcomes[order[index]!] = {
        outcome: "stored",
        seq: known.seq + 1 + index - from,
        created_ms: inMilliseconds(firsts[place]! + index - from),
        reply_to: null,
        digest: digests.toString("base64", index * digestBytes, (index + 1) * digestBytes),
      };
    }
  }
  return outcomes;
}

/** Cut as the database does it everywhere else, from seconds with a fraction. */
function inMilliseconds(microseconds: number): number {
  return Math.floor((microseconds / 1_000_000) * 1_000);
}
