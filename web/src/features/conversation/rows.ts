import type { Message } from "@gochat/contracts/http/conversations";
import { startsWith } from "../../lib/starts-with.ts";
import { type Day, dayOf } from "../../lib/time.ts";
import type { ConversationLog, PendingMessage } from "../../state/conversation-log.ts";
import type { DeliveryState } from "../../ui/DeliveryMark.tsx";

/** One line of the conversation as it is drawn. Separators belong to the row below them, so a row is a message. */
export interface Row {
  /** The same before and after the message is stored. */
  readonly key: string;
  readonly id: string;
  readonly body: string;
  /** RFC 3339 of the server, or milliseconds of this device while it is pending. */
  readonly time: string | number;
  readonly senderId: string;
  readonly seq?: number;
  /** Only for one's own. */
  readonly state?: DeliveryState;
  readonly reason?: string;
  readonly startsDay: boolean;
  readonly startsGroup: boolean;
  /** The first message that was new when one looked away or opened the conversation. */
  readonly isFirstNew: boolean;
  /** The other person has read down to here and no further. */
  readonly isReadUpTo: boolean;
  /** The last of one's own: there the mark is put into words. */
  readonly isLastOwn: boolean;
}

export interface RowsInput {
  readonly log: ConversationLog;
  readonly me: string;
  /** How far the other person has read. */
  readonly readByOther: number;
  /** Messages of others past this position are new; Infinity = none are. */
  readonly newAfter: number;
}

/** Rows, and what it takes to go on from them. */
export interface BuiltRows {
  readonly rows: readonly Row[];
  readonly input: RowsInput;
  /** The rows of stored messages, none of them marked as the last of one's own. Indexes are into these; -1 = none. */
  readonly stored: readonly Row[];
  readonly lastOwn: number;
  readonly lastRead: number;
  /** How many from the beginning the other person has read. */
  readonly readCount: number;
  readonly hasFirstNew: boolean;
}

const groupGapMs = 5 * 60_000;
const nothingBuilt = { stored: [], lastOwn: -1, lastRead: -1, readCount: 0, hasFirstNew: false } as const;

/** The rows of a conversation, built from scratch. */
export function buildRows(input: RowsInput): readonly Row[] {
  return extendRows(undefined, input).rows;
}

/**
 * The rows of a conversation, going on from those that were built before it grew. They are always what they would be
 * from scratch; where messages were only appended, no row but those that change is touched.
 */
export function extendRows(before: BuiltRows | undefined, input: RowsInput): BuiltRows {
  const { log, me, readByOther, newAfter } = input;
  const held = before && isExtended(before.input, input) ? before : nothingBuilt;
  const stored: Row[] = held.stored.slice();
  let { lastOwn, lastRead, readCount, hasFirstNew } = held;
  const place = placing(log.messages[stored.length - 1]);
  for (const message of log.messages.slice(stored.length)) {
    const isOwn = message.senderId === me;
    const isFirstNew = !hasFirstNew && !isOwn && message.seq > newAfter;
    if (isFirstNew) hasFirstNew = true;
    if (isOwn) lastOwn = stored.length;
    stored.push({
      ...place(message.senderId, message.createdAt, isFirstNew),
      ...common(message),
      time: message.createdAt,
      seq: message.seq,
      ...(isOwn ? { state: message.seq <= readByOther ? "read" : "sent" } : {}),
      isFirstNew,
      isReadUpTo: false,
      isLastOwn: false,
    });
  }
  for (let row = stored[readCount]; row && row.seq! <= readByOther; row = stored[++readCount]) {
    if (row.state === "sent") stored[readCount] = { ...row, state: "read" };
    if (row.senderId === me) lastRead = readCount;
  }
  if (lastRead !== held.lastRead) {
    if (held.lastRead >= 0) stored[held.lastRead] = { ...stored[held.lastRead]!, isReadUpTo: false };
    stored[lastRead] = { ...stored[lastRead]!, isReadUpTo: true };
  }
  const rows = stored.concat(log.pending.map((entry) => pendingRow(entry, place)));
  const lastPending = log.pending.findLastIndex(({ senderId }) => senderId === me);
  const marked = lastPending < 0 ? lastOwn : stored.length + lastPending;
  if (marked >= 0) rows[marked] = { ...rows[marked]!, isLastOwn: true };
  return { rows, input, stored, lastOwn, lastRead, readCount, hasFirstNew };
}

function isExtended(before: RowsInput, after: RowsInput): boolean {
  return (
    after.me === before.me &&
    after.newAfter === before.newAfter &&
    after.readByOther >= before.readByOther &&
    startsWith(after.log.messages, before.log.messages)
  );
}

function pendingRow(entry: PendingMessage, place: ReturnType<typeof placing>): Row {
  return {
    ...place(entry.senderId, entry.writtenAt, false),
    ...common(entry),
    time: entry.writtenAt,
    state: entry.state === "stored" ? "sent" : entry.state,
    ...(entry.reason === undefined ? {} : { reason: entry.reason }),
    isFirstNew: false,
    isReadUpTo: false,
    isLastOwn: false,
  };
}

function common({ id, senderId, body }: Message | PendingMessage) {
  return { key: `${senderId} ${id}`, id, senderId, body };
}

/** Says of each message in turn what begins with it; the first of them stands behind `previous`. */
function placing(previous: Message | undefined) {
  let before = previous && { senderId: previous.senderId, at: new Date(previous.createdAt).getTime() };
  let day: Day | undefined = before && dayOf(before.at);
  return (senderId: string, time: string | number, isFirstNew: boolean) => {
    const at = new Date(time).getTime();
    const startsDay = !day || !(at >= day.start && at < day.end);
    if (startsDay) day = dayOf(at);
    const passed = before ? at - before.at : 0;
    const startsGroup = startsDay || isFirstNew || before?.senderId !== senderId || passed > groupGapMs;
    before = { senderId, at };
    return { startsDay, startsGroup };
  };
}
