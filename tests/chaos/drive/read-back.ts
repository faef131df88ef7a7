import { setTimeout as sleep } from "node:timers/promises";
import { limits } from "@gochat/contracts/limits";
import type { Seen } from "../history.ts";
import { type HistoryWriter, hashBody } from "../history-file.ts";
import type { Crowd } from "./crowd.ts";
import { insist } from "./insist.ts";
import type { DrivenPerson } from "./person.ts";

const pageSize = 100;
const readersAtOnce = 4;
/** Notifications are counted behind the messages, and what they missed is made up for. */
const countingMs = 30_000;

interface Message {
  readonly seq: number;
  readonly id: string;
  readonly senderId: string;
  readonly body: string;
}

/** Reads every conversation from the beginning, as both of its members. */
export async function readHistories(crowd: Crowd, history: HistoryWriter): Promise<void> {
  const readings = crowd.conversations.flatMap(({ id, members }) =>
    members.map((person) => () => readHistory(person, id, history)),
  );
  const work = async () => {
    for (let reading = readings.pop(); reading; reading = readings.pop()) await reading();
  };
  await Promise.all(Array.from({ length: readersAtOnce }, work));
}

async function readHistory(
  person: DrivenPerson,
  conversation: string,
  history: HistoryWriter,
): Promise<void> {
  const messages: Seen[] = [];
  let headSeq = 0;
  for (let hasMore = true; hasMore; ) {
    const after = messages.at(-1)?.[0] ?? 0;
    const page = await insist(
      person,
      `/api/conversations/${conversation}/messages?after=${after}&limit=${pageSize}`,
    );
    for (const { seq, id, senderId, body } of page.messages as Message[]) {
      messages.push([seq, id, senderId, hashBody(body)]);
    }
    headSeq = page.headSeq;
    hasMore = page.hasMoreAfter && page.messages.length > 0;
  }
  history.write({ kind: "history", person: person.id, conversation, headSeq, messages });
}

/** Writes down how many unread messages everybody is notified of, once that is what the lists say, or after 30 s. */
export async function readNotices(crowd: Crowd, history: HistoryWriter): Promise<void> {
  const began = history.now();
  for (const person of crowd.people) {
    let unread = await readUnread(person);
    while (!(await isAsListed(person, unread)) && history.now() - began < countingMs) {
      await sleep(500);
      unread = await readUnread(person);
    }
    history.write({ kind: "notices", person: person.id, unread });
  }
}

async function isAsListed(person: DrivenPerson, unread: Readonly<Record<string, number>>): Promise<boolean> {
  const { conversations } = await insist(person, "/api/conversations?limit=100");
  return (conversations as { id: string; unreadCount: number }[]).every(
    ({ id, unreadCount }) => Math.min(unread[id] ?? 0, limits.maxUnreadCount) === unreadCount,
  );
}

async function readUnread(person: DrivenPerson): Promise<Record<string, number>> {
  const unread: Record<string, number> = {};
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page = await insist(
      person,
      `/api/notifications?unread=true&limit=100${cursor && `&cursor=${cursor}`}`,
    );
    for (const { conversationId, count } of page.notifications as {
      conversationId: string;
      count: number;
    }[]) {
      unread[conversationId] = count;
    }
    cursor = page.nextCursor;
  }
  return unread;
}
