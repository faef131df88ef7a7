import { randomUUID } from "node:crypto";
import { directConversationId } from "@gochat/contracts/conversation-id";
import type { MessageStored } from "@gochat/contracts/events/message-events";
import { describe, expect, test } from "vitest";
import { changesOfMessages, changesOfReads, changesOfStandings, previewOf } from "./entry.ts";

const [ana, bob] = [randomUUID(), randomUUID()];
const conversationId = directConversationId(ana, bob);

function stored(seq: number, senderId: string, body = `message ${seq}`): MessageStored {
  const createdAt = new Date(1_700_000_000_000 + seq).toISOString();
  return {
    conversationId,
    seq,
    memberIds: [ana, bob],
    senderUsername: senderId === ana ? "ana" : "bob",
    message: {
      conversationId,
      seq,
      id: randomUUID(),
      senderId,
      body,
      createdAt,
      digest: `${"A".repeat(43)}=`,
    },
  };
}

describe("a preview", () => {
  test("is one line", () => {
    expect(previewOf("one\ntwo\r\nthree \n\n four")).toBe("one two three four");
  });

  test("ends after 140 code points and never inside one", () => {
    expect([...previewOf("😀".repeat(200))]).toHaveLength(140);
    expect(previewOf(`${"a".repeat(139)}😀b`)).toBe(`${"a".repeat(139)}😀`);
    expect(previewOf("😀".repeat(200)).isWellFormed()).toBe(true);
  });
});

describe("stored messages", () => {
  test("are unread for the recipient and read for the sender", () => {
    expect(changesOfMessages([stored(3, ana)])).toEqual([
      { userId: ana, conversationId, readSeq: 3, seqs: [], newest: undefined },
      {
        userId: bob,
        conversationId,
        readSeq: 0,
        seqs: [[3, 3]],
        newest: {
          seq: 3,
          actorId: ana,
          actorUsername: "ana",
          preview: "message 3",
          createdAt: "2023-11-14T22:13:20.003Z",
        },
      },
    ]);
  });

  test("join into one change an entry, the newest text first, in whatever order they come", () => {
    const changes = changesOfMessages([stored(2, ana), stored(5, ana), stored(4, bob), stored(3, ana)]);
    expect(changes).toHaveLength(2);
    expect(changes.find(({ userId }) => userId === bob)).toMatchObject({
      readSeq: 4,
      seqs: [
        [2, 2],
        [5, 5],
        [3, 3],
      ],
      newest: { seq: 5, preview: "message 5" },
    });
    expect(changes.find(({ userId }) => userId === ana)).toMatchObject({ readSeq: 5, seqs: [[4, 4]] });
  });
});

test("read positions join into the highest", () => {
  const read = (readSeq: number) => ({ conversationId, userId: ana, readSeq, memberIds: [ana, bob] });
  expect(changesOfReads([read(2), read(7), read(3)])).toEqual([
    { userId: ana, conversationId, readSeq: 7, seqs: [], newest: undefined },
  ]);
});

test("how a conversation stands: what a member has not read is unread, and of the other one", () => {
  const standing = (anaRead: number, bobRead: number) => ({
    conversationId,
    headSeq: 9,
    members: [
      { userId: ana, readSeq: anaRead },
      { userId: bob, readSeq: bobRead },
    ],
    senderId: ana,
    senderUsername: "ana",
    text: "see\nyou",
    createdAt: "2026-01-01T00:00:00.000Z",
  });
  const newest = {
    seq: 9,
    actorId: ana,
    actorUsername: "ana",
    preview: "see you",
    createdAt: standing(0, 0).createdAt,
  };
  expect(changesOfStandings([standing(9, 4)])).toEqual([
    { userId: ana, conversationId, readSeq: 9, seqs: [], newest: undefined },
    { userId: bob, conversationId, readSeq: 4, seqs: [[5, 9]], newest },
  ]);
  expect(changesOfStandings([standing(9, 9)])[1]).toMatchObject({ readSeq: 9, seqs: [], newest: undefined });
});
