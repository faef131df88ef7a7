import { setTimeout as sleep } from "node:timers/promises";
import type { HistoryWriter } from "../history-file.ts";
import type { Conversation, Crowd } from "./crowd.ts";
import { insist } from "./insist.ts";
import type { DrivenPerson } from "./person.ts";

/** As long as the promise gives devices; the checker judges whether it was kept. */
const longestMs = 30_000;
const lookEveryMs = 250;

/**
 * Waits, while nobody writes anything new, until every device has everything, for 30 s at most. The heads are read
 * from the server, so a device that lacks only the end of a conversation is waited for too.
 */
export async function settleCrowd(
  crowd: Crowd,
  history: HistoryWriter,
  onProgress: (text: string) => void = () => {},
): Promise<void> {
  const began = history.now();
  const isLate = () => history.now() - began >= longestMs;
  while (!isLate()) {
    if (crowd.devices.every((device) => device.isAtRest) && (await hasEverything(crowd, history))) return;
    if (crowd.devices.some((device) => !device.isAtRest)) await confirmReads(crowd, history, isLate);
    await sleep(lookEveryMs);
  }
  const unsettled = crowd.devices.filter((device) => !device.isAtRest);
  onProgress(["not settled:", ...unsettled.map(({ state }) => state)].join("\n  "));
}

async function hasEverything(crowd: Crowd, history: HistoryWriter): Promise<boolean> {
  for (const conversation of crowd.conversations) {
    const [reader] = conversation.members;
    const headSeq = await readSummary(reader, conversation, history);
    if (headSeq === undefined) return false;
    const ofMembers = crowd.devices.filter(({ person }) => conversation.members.includes(person));
    if (ofMembers.some(({ timelines }) => timelines.get(conversation.id)!.applied < headSeq)) return false;
  }
  return true;
}

/** What was not news to the server is not announced: a device learns by asking that its position is known. */
async function confirmReads(crowd: Crowd, history: HistoryWriter, isLate: () => boolean): Promise<void> {
  for (const device of crowd.devices.filter(({ isReadConfirmed }) => !isReadConfirmed)) {
    for (const conversation of crowd.conversations) {
      if (isLate()) return;
      if (!conversation.members.includes(device.person)) continue;
      await readSummary(device.person, conversation, history, (readSeqs) =>
        device.confirmRead(conversation.id, readSeqs[device.person.id] ?? 0),
      );
    }
  }
}

/** Asks for a conversation and writes down what the list shows. Answers the head. */
async function readSummary(
  person: DrivenPerson,
  { id }: Conversation,
  history: HistoryWriter,
  onReadSeqs: (readSeqs: Record<string, number>) => void = () => {},
  { isSettled = false } = {},
): Promise<number | undefined> {
  const askedAt = history.now();
  const path = `/api/conversations/${id}`;
  const body = await (isSettled ? insist(person, path) : person.get(path));
  if (!body) return undefined;
  const { headSeq, unreadCount, members } = body.conversation;
  const readSeqs = Object.fromEntries(
    (members as { userId: string; readSeq: number }[]).map(({ userId, readSeq }) => [userId, readSeq]),
  );
  history.write({
    kind: "summary",
    person: person.id,
    conversation: id,
    askedAt,
    headSeq,
    unreadCount,
    readSeqs,
    ...(isSettled && { settled: true }),
  });
  onReadSeqs(readSeqs);
  return headSeq;
}

/** What people have unread by their lists, once nothing moves. */
export async function readLists(crowd: Crowd, history: HistoryWriter): Promise<void> {
  for (const conversation of crowd.conversations) {
    for (const member of conversation.members) {
      await readSummary(member, conversation, history, undefined, { isSettled: true });
    }
  }
}
