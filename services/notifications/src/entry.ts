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

/** A message was counted that was not before; where the batch comes again, also one that was. */
export interface RaisedEntry {
  readonly userId: string;
  readonly notification: Notification;
}

/** Something was unread before, and nothing is now; where the batch comes again, also what was read by it then. */
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
  const changes = new ChangesByEntry<MessageStored>();
  for (const event of events) {
    const { conversationId, memberIds, seq } = event;
    const { senderId } = event.message;
    const own = changes.of(senderId, conversationId);
    own.readSeq = Math.max(own.readSeq, seq);
    const recipientId = memberIds.find((member) => member !== senderId);
    if (recipientId === undefined) continue;
    const received = changes.of(recipientId, conversationId);
    append(received.seqs, seq, seq);
    if (seq > (received.newest?.seq ?? 0)) received.newest = event;
  }
  return changes.all(({ seq, message, senderUsername }) => ({
    seq,
    actorId: message.senderId,
    actorUsername: senderUsername,
    preview: previewOf(message.body),
    createdAt: message.createdAt,
  }));
}

export function changesOfReads(events: readonly MessageRead[]): EntryChange[] {
  const changes = new ChangesByEntry<NewestMessage>();
  for (const { conversationId, readSeq, userId } of events) {
    const change = changes.of(userId, conversationId);
    change.readSeq = Math.max(change.readSeq, readSeq);
  }
  return changes.all((newest) => newest);
}

/** What a member has not read of a conversation are messages of the other one. */
export function changesOfStandings(standings: readonly Standing[]): EntryChange[] {
  const changes = new ChangesByEntry<NewestMessage>();
  for (const { conversationId, headSeq, members, senderId, senderUsername, text, createdAt } of standings) {
    const newest = {
      seq: headSeq,
      actorId: senderId,
      actorUsername: senderUsername,
      preview: previewOf(text),
      createdAt,
    };
    for (const { userId, readSeq } of members) {
      const change = changes.of(userId, conversationId);
      change.readSeq = Math.max(change.readSeq, readSeq);
      if (readSeq >= headSeq) continue;
      append(change.seqs, readSeq + 1, headSeq);
      if (headSeq > (change.newest?.seq ?? 0)) change.newest = newest;
    }
  }
  return changes.all((newest) => newest);
}

/** Messages mostly come one behind the other: one span for them is less to read for PostgreSQL than one each. */
function append(spans: [first: number, last: number][], first: number, last: number): void {
  const end = spans.at(-1);
  if (end && end[1] + 1 === first) end[1] = last;
  else spans.push([first, last]);
}

/** An entry's change as it grows; of the newest message it keeps what that is made of. */
interface Changing<Newest> {
  readonly userId: string;
  readonly conversationId: string;
  readSeq: number;
  readonly seqs: [first: number, last: number][];
  newest: Newest | undefined;
}

/** Joins the changes of each entry. By conversation, which has two: a look-up costs more than to compare two ids. */
class ChangesByEntry<Newest extends { readonly seq: number }> {
  readonly #all: Changing<Newest>[] = [];
  readonly #byConversation = new Map<string, Changing<Newest>[]>();
  #latest: Changing<Newest>[] = [];

  of(userId: string, conversationId: string): Changing<Newest> {
    const known = this.#in(conversationId);
    for (const change of known) if (change.userId === userId) return change;
    const change = { userId, conversationId, readSeq: 0, seqs: [], newest: undefined };
    known.push(change);
    this.#all.push(change);
    return change;
  }

  /** In the order in which the entries were first named. */
  all(describe: (newest: Newest) => NewestMessage): EntryChange[] {
    return this.#all.map((change) => ({ ...change, newest: change.newest && describe(change.newest) }));
  }

  #in(conversationId: string): Changing<Newest>[] {
    if (this.#latest[0]?.conversationId === conversationId) return this.#latest;
    const known = this.#byConversation.get(conversationId);
    this.#latest = known ?? [];
    if (!known) this.#byConversation.set(conversationId, this.#latest);
    return this.#latest;
  }
}
