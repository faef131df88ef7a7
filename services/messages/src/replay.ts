import { messageRead } from "@gochat/contracts/events/message-events";
import { announceMessages } from "./commands/announce-again.ts";
import { toReadEvent } from "./commands/mark-read.ts";
import { noId } from "./conversation-store.ts";
import type { Parts } from "./parts.ts";
import {
  type LogPosition,
  messagesSince,
  type Reader,
  readPositionsSince,
  recentConversations,
} from "./replay-store.ts";

/** Messages in one publication. */
const pageSize = 250;
/** Rows looked at for something recent. */
const lookAt = 1_000;

/**
 * Announces again everything stored, and every read position moved, since a time: for a broker that loses its queues
 * with the process, since then announcements that were confirmed may never have been delivered. All consumers are
 * idempotent.
 *
 * It goes page by page, as fast as it is asked to, so that the queues never hold all of it.
 */
export class Replay {
  readonly #parts: Pick<Parts, "database" | "broker">;
  readonly #since: Date;
  /** Where the search for conversations goes on; undefined where it is over. */
  #conversationsAfter: string | undefined = noId;
  /** Of these the messages are announced, past the position. */
  #conversationIds: string[] = [];
  #messagesAfter: LogPosition = { conversationId: noId, seq: 0 };
  #readsAfter: Reader | undefined = { conversationId: noId, userId: noId };

  constructor(parts: Pick<Parts, "database" | "broker">, since: Date) {
    this.#parts = parts;
    this.#since = since;
  }

  /** Whether everything was announced. */
  get isDone(): boolean {
    return (
      this.#conversationsAfter === undefined &&
      this.#conversationIds.length === 0 &&
      this.#readsAfter === undefined
    );
  }

  /** Announces the next page. Rejects where the broker or the database does; then the same page is the next one. */
  async announcePage(): Promise<void> {
    if (this.#conversationIds.length > 0) await this.#announceMessages();
    else if (this.#conversationsAfter !== undefined) await this.#findConversations(this.#conversationsAfter);
    else if (this.#readsAfter !== undefined) await this.#announceReads(this.#readsAfter);
  }

  async #findConversations(after: string): Promise<void> {
    const page = { since: this.#since, after, limit: lookAt };
    const { rows, next } = await recentConversations(this.#parts.database, page);
    this.#conversationIds = rows;
    this.#conversationsAfter = next;
  }

  async #announceMessages(): Promise<void> {
    const page = { since: this.#since, after: this.#messagesAfter, limit: pageSize };
    const rows = await messagesSince(this.#parts.database, this.#conversationIds, page);
    await announceMessages(this.#parts, rows);
    const last = rows.at(-1);
    if (last) this.#messagesAfter = { conversationId: last.conversation_id, seq: last.seq };
    if (rows.length < pageSize) this.#conversationIds = [];
  }

  async #announceReads(after: Reader): Promise<void> {
    const page = { since: this.#since, after, limit: lookAt };
    const { rows, next } = await readPositionsSince(this.#parts.database, page);
    if (rows.length > 0) await this.#parts.broker.publish(messageRead, rows.map(toReadEvent));
    this.#readsAfter = next;
  }
}
