import type { ChatClientFrame } from "@gochat/contracts/sockets/chat";

const gatherMs = 120;
const askAgainAfterMs = 10_000;
/** A position that the server knew already is never confirmed, so nobody insists. */
const maxAttempts = 3;

/** Reports how far one has read: gathered a moment, and kept until the server has confirmed it. */
export interface ReadPositions {
  read(conversationId: string, seq: number): void;
  confirm(conversationId: string, readSeq: number): void;
  /** The chat socket is usable (again): unconfirmed positions go out once more. */
  reconnected(): void;
  stop(): void;
}

export function createReadPositions(send: (frame: ChatClientFrame) => boolean): ReadPositions {
  const unconfirmed = new Map<string, { readonly seq: number; attempts: number }>();
  const toSend = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let againTimer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    timer = undefined;
    for (const conversationId of toSend) {
      const position = unconfirmed.get(conversationId);
      if (!position) continue;
      send({ type: "message.read", conversationId, seq: position.seq });
      position.attempts += 1;
    }
    toSend.clear();
    againTimer ??= setTimeout(askAgain, askAgainAfterMs);
  }

  /** What went to the server may have been lost behind it. */
  function askAgain(): void {
    againTimer = undefined;
    for (const [conversationId, { attempts }] of unconfirmed) {
      if (attempts < maxAttempts) toSend.add(conversationId);
    }
    if (toSend.size > 0) flush();
  }

  return {
    read(conversationId, seq) {
      if ((unconfirmed.get(conversationId)?.seq ?? 0) >= seq) return;
      unconfirmed.set(conversationId, { seq, attempts: 0 });
      toSend.add(conversationId);
      timer ??= setTimeout(flush, gatherMs);
    },
    confirm(conversationId, readSeq) {
      if ((unconfirmed.get(conversationId)?.seq ?? 0) <= readSeq) unconfirmed.delete(conversationId);
    },
    reconnected() {
      for (const conversationId of unconfirmed.keys()) toSend.add(conversationId);
      flush();
    },
    stop() {
      clearTimeout(timer);
      clearTimeout(againTimer);
      unconfirmed.clear();
      toSend.clear();
    },
  };
}
