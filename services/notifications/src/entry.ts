import type { MessageRead, MessageStored, Standing } from "@gochat/contracts/events/message-events";
import type { Notification } from "@gochat/contracts/http/notifications";

/** Positions without a gap. */
export type Span = readonly [first: number, last: number];

/** What a batch of events does to the entry of one person in one conversation. */
export interface EntryChange {
  readonly userId: string;
  readonly conversationId: string;
  /** The conversation is read up to here; 0 says nothing. */
  readonly readSeq: number;
  /** Positions of messages that this person received. */
  readonly seqs: readonly Span[];
  /** The one with the highest position among them. */
  readonly newest: NewestMessage | undefined;
}

export interface NewestMessage {
  readonly seq: number;
  readonly actorId: string;
  readonly actorUsername: string;
  readonly preview: string;
  /** RFC 3339. */
  readonly createdAt: string;
}

/** What there is to announce of a batch. */
export interface Changed {
  readonly raised: readonly RaisedEntry[];
  readonly cleared: readonly ClearedEntry[];
}

/** A message was counted that was not before. */
export interface RaisedEntry {
  readonly userId: string;
  readonly notification: Notification;
}

/** Something was unread before, and nothing is now. */
export interface ClearedEntry {
  readonly userId: string;
  readonly conversationId: string;
  readonly readSeq: number;
}

const previewCharacters = 140;
const lineBreak = /[\r\n\u2028\u2029]/;

/** Names the entry of one person in one conversation. */
export function entryKey({ userId, conversationId }: Pick<EntryChange, "userId" | "conversationId">): string {
  return `${userId} ${conversationId}`;
}

/** The beginning of a message in one line: at most 140 code points. */
export function previewOf(body: string): string {
  const line = lineBreak.test(body) ? body.replace(/\s*[\r\n\u2028\u2029]\s*/g, " ") : body;
  if (line.length <= previewCharacters) return line;
  return [...line.slice(0, 2 * previewCharacters)].slice(0, previewCharacters).join("");
}

/** A message is unread for who received it, and whoever sends one has read what stands before it. */
export function changesOfMessages(events: readonly MessageStored[]): EntryChange[] {
  const changes = new ChangesByEntry();
  for (const { conversationId, memberIds, message, senderUsername, seq } of events) {
    changes.add({ userId: message.senderId, conversationId, readSeq: seq, seqs: [], newest: undefined });
    const recipientId = memberIds.find((member) => member !== message.senderId);
    if (recipientId === undefined) continue;
    const newest = {
      seq,
      actorId: message.senderId,
      actorUsername: senderUsername,
      preview: previewOf(message.body),
      createdAt: message.createdAt,
    };
    changes.add({ userId: recipientId, conversationId, readSeq: 0, seqs: [[seq, seq]], newest });
  }
  return changes.all();
}

export function changesOfReads(events: readonly MessageRead[]): EntryChange[] {
  const changes = new ChangesByEntry();
  for (const { conversationId, readSeq, userId } of events) {
    changes.add({ userId, conversationId, readSeq, seqs: [], newest: undefined });
  }
  return changes.all();
}

/** What a member has not read of a conversation are messages of the other one. */
export function changesOfStandings(standings: readonly Standing[]): EntryChange[] {
  const changes = new ChangesByEntry();
  for (const { conversationId, headSeq, members, senderId, senderUsername, text, createdAt } of standings) {
    const newest = {
      seq: headSeq,
      actorId: senderId,
      actorUsername: senderUsername,
      preview: previewOf(text),
      createdAt,
    };
    for (const { userId, readSeq } of members) {
      const isRead = readSeq >= headSeq;
      const seqs: Span[] = isRead ? [] : [[readSeq + 1, headSeq]];
      changes.add({ userId, conversationId, readSeq, seqs, newest: isRead ? undefined : newest });
    }
  }
  return changes.all();
}

type Changing = { -readonly [Field in keyof EntryChange]: EntryChange[Field] } & { seqs: Span[] };

/** Messages mostly come one behind the other: one span for them is less to read for PostgreSQL than one each. */
function append(spans: Span[], [first, last]: Span): void {
  const end = spans.at(-1);
  if (end && end[1] + 1 === first) spans[spans.length - 1] = [end[0], last];
  else spans.push([first, last]);
}

/** Joins the changes of each entry. */
class ChangesByEntry {
  readonly #changes = new Map<string, Changing>();

  add(change: EntryChange): void {
    const key = entryKey(change);
    const known = this.#changes.get(key);
    if (!known) {
      this.#changes.set(key, { ...change, seqs: [...change.seqs] });
      return;
    }
    for (const span of change.seqs) append(known.seqs, span);
    known.readSeq = Math.max(known.readSeq, change.readSeq);
    if ((change.newest?.seq ?? 0) > (known.newest?.seq ?? 0)) known.newest = change.newest;
  }

  all(): EntryChange[] {
    return [...this.#changes.values()];
  }
}
