import type { MessageSent } from "@gochat/contracts/events/message-events";

/** Of a message in the log of its conversation. */
export interface Position {
  readonly conversationId: string;
  readonly seq: number;
}

/** Positions `first` … `last` of a conversation's log, without a hole. */
export interface Run {
  readonly conversationId: string;
  readonly first: number;
  readonly last: number;
}

/**
 * Cuts a batch where a message answers or repeats another one of the same batch: that one must be stored, or refused,
 * before this can be judged. Almost always the answer is the whole batch.
 */
export function splitAtReferences(events: readonly MessageSent[]): (readonly MessageSent[])[] {
  const parts: (readonly MessageSent[])[] = [];
  let ids = new Set<string>();
  let start = 0;
  events.forEach((event, index) => {
    if (ids.has(event.id) || (event.replyTo && ids.has(event.replyTo))) {
      parts.push(events.slice(start, index));
      ids = new Set();
      start = index;
    }
    ids.add(event.id);
  });
  parts.push(events.slice(start));
  return parts;
}

/**
 * The highest run without a hole of each conversation, in no order: how far its watermark may move now. What lies
 * before a hole was announced earlier, or is for the sweeper.
 */
export function highestRuns(positions: readonly Position[]): Run[] {
  const byConversation = new Map<string, number[]>();
  for (const { conversationId, seq } of positions) {
    const seqs = byConversation.get(conversationId);
    if (seqs) seqs.push(seq);
    else byConversation.set(conversationId, [seq]);
  }
  return Array.from(byConversation, ([conversationId, seqs]) => {
    seqs.sort((a, b) => b - a);
    const last = seqs[0]!;
    let first = last;
    for (const seq of seqs) {
      if (seq < first - 1) break;
      first = seq;
    }
    return { conversationId, first, last };
  });
}
