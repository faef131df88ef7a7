import type { Message } from "@gochat/contracts/http/conversations";
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

const groupGapMs = 5 * 60_000;

export function buildRows({ log, me, readByOther, newAfter }: RowsInput): Row[] {
  const rows: Row[] = [];
  const place = placing();
  const firstNew = log.messages.find(({ seq, senderId }) => seq > newAfter && senderId !== me);
  const lastRead = log.messages.findLast(({ seq, senderId }) => senderId === me && seq <= readByOther);
  for (const message of log.messages) {
    const isOwn = message.senderId === me;
    rows.push({
      ...place(message.senderId, message.createdAt, message === firstNew),
      ...common(message),
      time: message.createdAt,
      seq: message.seq,
      ...(isOwn ? { state: message.seq <= readByOther ? "read" : "sent" } : {}),
      isFirstNew: message === firstNew,
      isReadUpTo: message === lastRead,
      isLastOwn: false,
    });
  }
  for (const entry of log.pending) {
    rows.push({
      ...place(entry.senderId, entry.writtenAt, false),
      ...common(entry),
      time: entry.writtenAt,
      state: entry.state === "stored" ? "sent" : entry.state,
      ...(entry.reason === undefined ? {} : { reason: entry.reason }),
      isFirstNew: false,
      isReadUpTo: false,
      isLastOwn: false,
    });
  }
  const lastOwn = rows.findLastIndex(({ senderId }) => senderId === me);
  return lastOwn < 0 ? rows : rows.with(lastOwn, { ...rows[lastOwn]!, isLastOwn: true });
}

function common({ id, senderId, body }: Message | PendingMessage) {
  return { key: `${senderId} ${id}`, id, senderId, body };
}

/** Says of each message in turn what begins with it. */
function placing() {
  let before: { readonly senderId: string; readonly at: number } | undefined;
  let day: Day | undefined;
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
