import { setTimeout as wait } from "node:timers/promises";
import { directConversationId } from "@gochat/contracts/conversation-id";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import { afterAll, beforeAll, expect, test } from "vitest";
import { announceUnannounced } from "../src/commands/announce-again.ts";
import { storeAndAnnounce } from "../src/commands/store-messages.ts";
import { Watermarks } from "../src/watermarks.ts";
import { listen, never, partsOf, type Somebody, sent } from "./fixtures.ts";

let gochat: GoChat;
beforeAll(async () => {
  gochat = await startGoChat({ services: ["messages"] });
});
afterAll(() => gochat[Symbol.asyncDispose]());

async function watermarkOf(conversationId: string): Promise<number | undefined> {
  const [row] = await gochat
    .database("messages")
    .query<{ announced_seq: number }>("SELECT announced_seq FROM conversations WHERE id = $1", [
      conversationId,
    ]);
  return row?.announced_seq;
}

interface Talk {
  readonly other: Somebody;
  readonly conversationId: string;
}

const receipt = { signal: never, deadLetter: async () => {} };

test("the watermarks of large batches move later, together, and nothing is announced again", async () => {
  const [ana, bob] = [await gochat.person("ana"), await gochat.person("bob")];
  const conversationId = directConversationId(ana.id, bob.id);
  const parts = partsOf(gochat);
  const patient = partsOf(gochat, { watermarks: new Watermarks(parts, 60_000) });
  await using heard = await listen(gochat);
  const watermark = () => watermarkOf(conversationId);
  const many = () => Array.from({ length: 100 }, (_, index) => sent(ana, bob, `${index}`));

  await storeAndAnnounce(patient, many(), receipt);
  await storeAndAnnounce(patient, many(), receipt);
  expect(await watermark()).toBe(0);
  // A small one waits for nothing, and takes the others with it.
  await storeAndAnnounce(patient, [sent(bob, ana, "and you?")], receipt);
  expect(await watermark()).toBe(201);
  await storeAndAnnounce(parts, many(), receipt);
  await expect.poll(watermark, { timeout: 10_000 }).toBe(301);

  await announceUnannounced(parts, { everywhere: true });
  await gochat.settle();
  expect(heard.stored.map(({ seq }) => seq)).toEqual(Array.from({ length: 301 }, (_, index) => index + 1));
});

test("the watermarks of small batches move later where many have come", async () => {
  const [ana, bob] = [await gochat.person("ana"), await gochat.person("bob")];
  const parts = partsOf(gochat);
  const patient = partsOf(gochat, { watermarks: new Watermarks(parts, 60_000) });
  const watermark = () => watermarkOf(directConversationId(ana.id, bob.id));
  for (let number = 1; number <= 12; number++)
    await storeAndAnnounce(patient, [sent(ana, bob, `${number}`)], receipt);
  expect(await watermark()).toBe(10);
  await patient.watermarks.flush();
  expect(await watermark()).toBe(12);
});

test("watermarks that move at once do not overtake each other", async () => {
  const [ana, bob, cleo] = [
    await gochat.person("ana"),
    await gochat.person("bob"),
    await gochat.person("cleo"),
  ];
  const parts = partsOf(gochat);
  const unmarked = partsOf(gochat, { watermarks: new Watermarks(parts, 60_000) });
  const talks: Talk[] = [bob, cleo]
    .map((other) => ({ other, conversationId: directConversationId(ana.id, other.id) }))
    .toSorted((a, b) => (a.conversationId < b.conversationId ? -1 : 1));
  const many = ({ other }: Talk) => Array.from({ length: 32 }, (_, index) => sent(ana, other, `${index}`));
  for (const talk of talks) await storeAndAnnounce(unmarked, many(talk), receipt);

  const { watermarks } = parts;
  const moved = await parts.database.transaction(async (connection) => {
    await connection.query("SELECT FROM conversations WHERE id = $1 FOR UPDATE", [talks[0]!.conversationId]);
    const held = watermarks.announced(talks.map(({ conversationId }) => ({ conversationId, seq: 1 })));
    const behind = watermarks.announced([{ conversationId: talks[1]!.conversationId, seq: 2 }]);
    await Promise.race([behind, wait(500)]);
    return [held, behind];
  });
  await Promise.all(moved);
  expect(await watermarkOf(talks[1]!.conversationId)).toBe(2);
});
