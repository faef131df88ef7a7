import type { HistoryWriter } from "../history-file.ts";

interface ReadOptions {
  readonly device: string;
  readonly history: HistoryWriter;
  readonly send: (frame: object) => void;
}

const resendAfterMs = 5_000;

/** How far a device has read: reported, and kept until the server has confirmed it. */
export class ReadPositions {
  readonly #options: ReadOptions;
  /** What the server is known to have: conversation → position. */
  readonly #confirmed = new Map<string, number>();
  readonly #unconfirmed = new Map<string, { seq: number; sentAt: number }>();

  constructor(options: ReadOptions) {
    this.#options = options;
  }

  get isConfirmed(): boolean {
    return this.#unconfirmed.size === 0;
  }

  read(conversation: string, seq: number): void {
    const isNew =
      seq > Math.max(this.#confirmed.get(conversation) ?? 0, this.#unconfirmed.get(conversation)?.seq ?? 0);
    if (isNew) this.#unconfirmed.set(conversation, { seq, sentAt: this.#options.history.now() });
    this.#report(conversation, seq);
  }

  confirm(conversation: string, readSeq: number): void {
    this.#confirmed.set(conversation, Math.max(readSeq, this.#confirmed.get(conversation) ?? 0));
    if ((this.#unconfirmed.get(conversation)?.seq ?? 0) <= readSeq) this.#unconfirmed.delete(conversation);
  }

  reconnected(): void {
    for (const [conversation, { seq }] of this.#unconfirmed) this.#report(conversation, seq);
  }

  tick(now: number): void {
    for (const [conversation, position] of this.#unconfirmed) {
      if (now - position.sentAt < resendAfterMs) continue;
      position.sentAt = now;
      this.#report(conversation, position.seq);
    }
  }

  #report(conversation: string, seq: number): void {
    const { device, history, send } = this.#options;
    history.write({ kind: "readSent", device, conversation, seq });
    send({ type: "message.read", conversationId: conversation, seq });
  }
}
