import type { Message } from "@gochat/contracts/http/conversations";

/** A message of one's own that is not certainly in the log yet. */
export interface PendingMessage {
  /** The id that the client made; the stored message carries it too. */
  readonly id: string;
  readonly senderId: string;
  readonly body: string;
  /** When it was written, milliseconds since 1970 on this device. */
  readonly writtenAt: number;
  /** `stored`: the server has it, but something before it is still missing here. */
  readonly state: "sending" | "stored" | "failed";
  readonly reason?: string;
}

/** What this device knows of one conversation. Build it with the functions below, never by hand. */
export interface ConversationLog {
  /** Everything from position `from` to `applied` is here. Nothing is when `from = applied + 1`. */
  readonly from: number;
  /** -1 while not even the head is known. */
  readonly applied: number;
  /** Ascending by seq, all within `from` … `applied`. */
  readonly messages: readonly Message[];
  /** Live messages past a gap, ascending; they wait for what comes before them. */
  readonly ahead: readonly Message[];
  /** The highest position heard of. */
  readonly head: number;
  /** In the order of writing. */
  readonly pending: readonly PendingMessage[];
}

/** A stretch of the log without holes, as a page of history or of changes gives it; both ends included. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly messages: readonly Message[];
}

/** More than this past a gap is dropped: catching up brings it anyway. */
const maximumAhead = 500;

export const unknownLog: ConversationLog = {
  from: 0,
  applied: -1,
  messages: [],
  ahead: [],
  head: 0,
  pending: [],
};

/** Whether the server has something after `applied` that nobody has brought yet. */
export function needsCatchUp(log: ConversationLog): boolean {
  return log.applied >= 0 && log.head > log.applied;
}

/**
 * A fresh summary says how far the log goes. Where nothing is held the log simply moves there, since history is
 * loaded backwards from the head; where something is held a gap shows, and catching up fills it.
 */
export function noticeHead(log: ConversationLog, head: number): ConversationLog {
  if (log.from > log.applied && log.ahead.length === 0 && head > log.applied) {
    return { ...log, from: head + 1, applied: head, head: Math.max(log.head, head) };
  }
  return head > log.head ? { ...log, head } : log;
}

/** A `head` frame: the log goes further than what was heard, and nothing moves until that is brought. */
export function noticeGap(log: ConversationLog, head: number): ConversationLog {
  return head > log.head ? { ...log, head } : log;
}

/** A live message: the next one is applied, an older one only settles what was pending, a later one waits. */
export function applyLive(log: ConversationLog, message: Message): ConversationLog {
  const { seq } = message;
  if (log.applied < 0 || seq === log.applied + 1) {
    return applyStretch(log, { from: seq, to: seq, messages: [message] });
  }
  if (seq <= log.applied) return settle(log, [message]);
  return {
    ...log,
    head: Math.max(log.head, seq),
    ahead: insertAhead(log.ahead, message),
    pending: log.pending.map((entry) => (isSame(entry, message) ? withoutReason(entry, "stored") : entry)),
  };
}

/**
 * A page of history or of changes. It joins what is here when the two touch. Past a gap it takes its place,
 * because only one stretch without holes is ever held; before a gap it is the late answer to an old question.
 */
export function applyStretch(log: ConversationLog, stretch: Stretch): ConversationLog {
  const isFirst = log.applied < 0;
  if (!isFirst && stretch.to < log.from - 1) return settle(log, stretch.messages);
  const isPastGap = isFirst || stretch.from > log.applied + 1;
  const applied = isPastGap ? stretch.to : Math.max(log.applied, stretch.to);
  const joined: ConversationLog = {
    ...log,
    from: isPastGap ? stretch.from : Math.min(log.from, stretch.from),
    applied,
    messages: isPastGap ? stretch.messages : join(log.messages, stretch.messages),
    head: Math.max(log.head, applied),
  };
  return applyWaiting(settle(joined, stretch.messages));
}

/** Moves what waited behind the gap into the log, as far as it goes without a new gap. */
function applyWaiting(log: ConversationLog): ConversationLog {
  let { applied } = log;
  const next: Message[] = [];
  let taken = 0;
  for (const message of log.ahead) {
    if (message.seq > applied + 1) break;
    if (message.seq === applied + 1) {
      next.push(message);
      applied++;
    }
    taken++;
  }
  if (taken === 0) return log;
  const messages = next.length > 0 ? log.messages.concat(next) : log.messages;
  return settle({ ...log, applied, messages, ahead: log.ahead.slice(taken) }, next);
}

function join(held: readonly Message[], page: readonly Message[]): readonly Message[] {
  if (page.length === 0) return held;
  if (held.length === 0 || held.at(-1)!.seq < page[0]!.seq) return held.concat(page);
  if (page.at(-1)!.seq < held[0]!.seq) return page.concat(held);
  const bySeq = new Map(held.map((message) => [message.seq, message]));
  for (const message of page) bySeq.set(message.seq, message);
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

function insertAhead(ahead: readonly Message[], message: Message): readonly Message[] {
  if (ahead.some(({ seq }) => seq === message.seq)) return ahead;
  return [...ahead, message].sort((a, b) => a.seq - b.seq).slice(0, maximumAhead);
}

function isSame(entry: PendingMessage, message: Message): boolean {
  return entry.id === message.id && entry.senderId === message.senderId;
}

function withoutReason({ reason: _reason, ...entry }: PendingMessage, state: PendingMessage["state"]) {
  return { ...entry, state };
}

/** Stored messages are no longer pending. */
function settle(log: ConversationLog, messages: readonly Message[]): ConversationLog {
  if (log.pending.length === 0 || messages.length === 0) return log;
  const byId = new Map(messages.map((message) => [message.id, message]));
  const pending = log.pending.filter((entry) => {
    const message = byId.get(entry.id);
    return !message || !isSame(entry, message);
  });
  return pending.length === log.pending.length ? log : { ...log, pending };
}

/** A message was written here, or found in the outbox after a reload. Known ones stay as they are. */
export function addPending(log: ConversationLog, entry: PendingMessage): ConversationLog {
  const isKnown = log.pending.some(({ id }) => id === entry.id) || log.messages.some((m) => isSame(entry, m));
  if (isKnown) return log;
  const isWaiting = log.ahead.some((message) => isSame(entry, message));
  return { ...log, pending: [...log.pending, isWaiting ? withoutReason(entry, "stored") : entry] };
}

/** A refusal is final. What the server has stored all the same is not failed. */
export function failPending(log: ConversationLog, id: string, reason: string): ConversationLog {
  const pending = log.pending.map(
    (entry): PendingMessage =>
      entry.id === id && entry.state === "sending" ? { ...entry, state: "failed", reason } : entry,
  );
  return { ...log, pending };
}

export function removePending(log: ConversationLog, id: string): ConversationLog {
  return { ...log, pending: log.pending.filter((entry) => entry.id !== id) };
}
