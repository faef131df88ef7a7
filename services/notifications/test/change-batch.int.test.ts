import { randomBytes, randomUUID } from "node:crypto";
import type { Database, DatabaseServer } from "@gochat/database/database";
import { connectPostgres } from "@gochat/database/postgres";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { EntryChange, NewestMessage, Span } from "../src/entry.ts";
import { changeEntries, markRead } from "../src/entry-store.ts";

let server: DatabaseServer;
let database: Database;

beforeAll(async () => {
  const schemaPrefix = `t${randomBytes(5).toString("hex")}_`;
  server = await connectPostgres({ url: inject("postgresUrl"), schemaPrefix });
  database = await server.open("notifications", new URL("../migrations/", import.meta.url));
});
afterAll(() => server[Symbol.asyncDispose]());

const now = Date.UTC(2026, 0, 2);
const actorId = randomUUID();

function newest(seq: number): NewestMessage {
  return {
    seq,
    actorId,
    actorUsername: `a,"'\\{}${seq}`,
    preview: `"text" ${seq}, {NULL}\\\n\t' 👋`,
    createdAt: new Date(Date.UTC(2026, 0, 1) + seq).toISOString(),
  };
}

function change(userId: string, conversationId: string, seqs: Span[], readSeq = 0): EntryChange {
  const last = Math.max(0, ...seqs.map(([, end]) => end));
  return { userId, conversationId, readSeq, seqs, newest: last > 0 ? newest(last) : undefined };
}

const apply = (changes: EntryChange[], isAgain = false) => changeEntries(database, changes, { now, isAgain });

interface OldOutcome {
  readonly user_id: string;
  readonly raised: boolean;
  readonly cleared: boolean;
  readonly holds: boolean;
  readonly count: number;
  readonly last_seq: number;
  readonly preview: string;
  readonly read_seq: number;
}

/** By the function that the version before this one calls. */
function applyAsBefore(changes: readonly EntryChange[]): Promise<OldOutcome[]> {
  return database.query<OldOutcome & Record<string, unknown>>(
    `SELECT * FROM change_entries($1::uuid[], $2::uuid[], $3::bigint[], $4::text[]::int8multirange[], $5::bigint[],
       $6::uuid[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz)`,
    [
      changes.map(({ userId }) => userId),
      changes.map(({ conversationId }) => conversationId),
      changes.map(({ readSeq }) => readSeq),
      changes.map(({ seqs }) => `{${seqs.map(([first, last]) => `[${first},${last}]`).join(",")}}`),
      changes.map((one) => one.newest?.seq ?? 0),
      changes.map((one) => one.newest?.actorId ?? null),
      changes.map((one) => one.newest?.actorUsername ?? null),
      changes.map((one) => one.newest?.preview ?? null),
      changes.map((one) => one.newest?.createdAt ?? null),
      new Date(now),
    ],
  );
}

function rowsOf(userIds: readonly string[]): Promise<Record<string, unknown>[]> {
  return database.query(
    `SELECT actor_id, actor_username, preview, last_seq, created_at, unread::text, dismissed::text, read_seq, read_at
     FROM entries WHERE user_id = ANY ($1) ORDER BY array_position($1, user_id)`,
    [userIds],
  );
}

/** Numbers from 0 to below 1, always the same ones (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test.each([1, 2, 3, 4])("does what it did before, whatever comes in whatever order (%i)", async (seed) => {
  const random = seeded(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const conversationId = randomUUID();
  const before: string[] = Array.from({ length: 8 }, () => randomUUID());
  const after: string[] = before.map(() => randomUUID());
  for (let step = 0; step < 60; step++) {
    const isAgain = random() < 0.3;
    const changes: EntryChange[] = [];
    for (const userId of before) {
      if (random() < 0.3) continue;
      const seqs = Array.from({ length: below(4) }, (): Span => {
        const first = 1 + below(30);
        return [first, first + below(3)];
      });
      changes.push(change(userId, conversationId, seqs, random() < 0.3 ? below(30) : 0));
    }
    const renamed = changes.map((one) => ({ ...one, userId: after[before.indexOf(one.userId)]! }));
    const outcomes = changes.length > 0 ? await applyAsBefore(changes) : [];
    const { raised, cleared } = await apply(renamed, isAgain);

    const reading = new Set(changes.filter(({ readSeq }) => readSeq > 0).map(({ userId }) => userId));
    const isRead = (one: OldOutcome) => reading.has(one.user_id) && one.last_seq > 0 && one.count === 0;
    const nameOf = (userId: string) => before[after.indexOf(userId)]!;
    expect(
      raised
        .map(({ userId, notification: { count, seq, preview } }) => [nameOf(userId), count, seq, preview])
        .sort(),
    ).toEqual(
      outcomes
        .filter((one) => one.raised || (isAgain && one.holds))
        .map((one) => [one.user_id, one.count, one.last_seq, one.preview])
        .sort(),
    );
    expect(cleared.map(({ userId, readSeq }) => [nameOf(userId), readSeq]).sort()).toEqual(
      outcomes
        .filter((one) => one.cleared || (isAgain && isRead(one)))
        .map((one) => [one.user_id, one.read_seq])
        .sort(),
    );
    const marked = below(16);
    for (const userId of [before[marked], after[marked]]) {
      if (userId !== undefined) await markRead(database, userId, "all", now);
    }
    expect(await rowsOf(after)).toEqual(await rowsOf(before));
  }
});

test("says which message an entry shows, the one given or the one kept, letter by letter", async () => {
  const [userId, other, conversationId] = [randomUUID(), randomUUID(), randomUUID()];
  const { raised } = await apply([
    change(other, conversationId, [], 7),
    change(userId, conversationId, [[7, 7]]),
  ]);
  const shown = {
    id: expect.any(String),
    type: "message",
    conversationId,
    actor: { id: actorId, username: newest(7).actorUsername },
    preview: newest(7).preview,
    count: 1,
    seq: 7,
    createdAt: newest(7).createdAt,
    readAt: null,
  };
  expect(raised).toEqual([{ userId, notification: shown }]);
  const late = await apply([change(userId, conversationId, [[2, 2]])]);
  expect(late.raised).toEqual([
    { userId, notification: { ...shown, id: raised[0]!.notification.id, count: 2 } },
  ]);
});

test("tells nobody of the same batch, unless it comes again unannounced", async () => {
  const [userId, other, conversationId] = [randomUUID(), randomUUID(), randomUUID()];
  await apply([change(other, conversationId, [[1, 3]])]);
  const batch = [change(userId, conversationId, [[4, 6]]), change(other, conversationId, [], 6)];
  const first = await apply(batch);
  expect(first.cleared).toEqual([{ userId: other, conversationId, readSeq: 6 }]);
  const rows = await rowsOf([userId, other]);
  expect(await apply(batch)).toEqual({ raised: [], cleared: [] });
  expect(await apply(batch, true)).toEqual(first);
  expect(await rowsOf([userId, other])).toEqual(rows);
});

test("loses nothing where batches of two processes meet, in whatever order they name the entries", async () => {
  const conversationId = randomUUID();
  const people = Array.from({ length: 20 }, () => randomUUID());
  const batches = Array.from({ length: 40 }, (_, index) => {
    const half = index % 2;
    const changes = people.map((userId, place) =>
      place % 2 === half
        ? change(userId, conversationId, [[1000 + index, 1000 + index]])
        : change(userId, conversationId, [], index + 1),
    );
    return index % 3 === 0 ? changes.reverse() : changes;
  });
  const some = batches.map((batch, index) => (index % 5 === 4 ? applyAsBefore(batch) : apply(batch)));
  await Promise.all(some);
  const rows = await rowsOf(people);
  rows.forEach((row, place) => {
    const last = place % 2 === 0 ? 1038 : 1039;
    const positions = Array.from({ length: 20 }, (_, index) => last - 38 + 2 * index);
    expect(row).toMatchObject({
      unread: `{${positions.map((seq) => `[${seq},${seq + 1})`).join(",")}}`,
      last_seq: last,
      preview: newest(last).preview,
      read_seq: place % 2 === 0 ? 40 : 39,
    });
  });
});

test.each([
  ["a user", { userId: "nobody" }],
  ["a position", { readSeq: 2 ** 53 }],
  ["a time", { newest: { ...newest(1), createdAt: "2026-02-30T00:00:00.000Z" } }],
])("refuses %s that is none, and does nothing", async (_what, wrong) => {
  const [userId, conversationId] = [randomUUID(), randomUUID()];
  const good = change(userId, conversationId, [[1, 1]]);
  await expect(
    apply([good, { ...change(randomUUID(), conversationId, [[1, 1]]), ...wrong }]),
  ).rejects.toThrow();
  expect(await rowsOf([userId])).toEqual([]);
});
