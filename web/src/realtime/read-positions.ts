import type { ChatClientFrame } from "@gochat/contracts/sockets/chat";

const gatherMs = 120;

/** Reports how far one has read: gathered a moment, and kept until the server has confirmed it. */
export interface ReadPositions {
  read(conversationId: string, seq: number): void;
  confirm(conversationId: string, readSeq: number): void;
  /** The chat socket is usable (again): unconfirmed positions go out once more. */
  reconnected(): void;
  stop(): void;
}

export function createReadPositions(send: (frame: ChatClientFrame) => boolean): ReadPositions {
  const unconfirmed = new Map<string, number>();
  const toSend = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    timer = undefined;
    for (const conversationId of toSend) {
      const seq = unconfirmed.get(conversationId);
      if (seq !== undefined) send({ type: "message.read", conversationId, seq });
    }
    toSend.clear();
  }

  return {
    read(conversationId, seq) {
      if ((unconfirmed.get(conversationId) ?? 0) >= seq) return;
      unconfirmed.set(conversationId, seq);
      toSend.add(conversationId);
      timer ??= setTimeout(flush, gatherMs);
    },
    confirm(conversationId, readSeq) {
      if ((unconfirmed.get(conversationId) ?? 0) <= readSeq) unconfirmed.delete(conversationId);
    },
    reconnected() {
      for (const conversationId of unconfirmed.keys()) toSend.add(conversationId);
      flush();
    },
    stop() {
      clearTimeout(timer);
      unconfirmed.clear();
      toSend.clear();
    },
  };
}
