import { setTimeout as wait } from "node:timers/promises";
import type { MessageSent } from "@gochat/contracts/events/message-events";
import { announceRejected } from "./commands/announce-rejected.ts";
import { type Receipt, storeAndAnnounce } from "./commands/store-messages.ts";
import { findPeople } from "./conversation-store.ts";
import type { Parts } from "./parts.ts";
import { toRejection } from "./rejection.ts";

const patienceMs = 1_000;
const lookEveryMs = 50;
const defaultMaxEvents = 1_000;
const maxConversations = 2_000;

interface Waiting {
  readonly recipientId: string;
  readonly events: MessageSent[];
  readonly receipt: Receipt;
  readonly until: number;
  /** One of its events did not fit: those behind it are refused too, or they would overtake it. */
  isFull: boolean;
}

/**
 * First messages to people of whom this service has not heard. Somebody may have registered a moment ago, and the
 * event that says so travels by another queue: so they wait up to a second before they are refused, and what
 * follows them in the same conversation waits behind them. The partition goes on meanwhile. They wait in memory
 * only, a bounded number: nothing was promised about them yet, and who hears nothing, or BUSY, sends again.
 */
export class LateRecipients {
  readonly #parts: Parts;
  readonly #maxEvents: number;
  readonly #byConversation = new Map<string, Waiting>();
  readonly #stop = new AbortController();
  #count = 0;
  #looking: Promise<void> | undefined;

  constructor(parts: Parts, { maxEvents = defaultMaxEvents } = {}) {
    this.#parts = parts;
    this.#maxEvents = maxEvents;
  }

  /** Takes over the events of conversations that wait; answers the others. More than fit are refused as BUSY. */
  async letPass(events: readonly MessageSent[]): Promise<readonly MessageSent[]> {
    if (this.#byConversation.size === 0) return events;
    const passed: MessageSent[] = [];
    const overflow: MessageSent[] = [];
    for (const event of events) {
      const waiting = this.#byConversation.get(event.conversationId);
      if (!waiting) passed.push(event);
      else if (!this.#keep(waiting, event)) overflow.push(event);
    }
    await this.#refuse(overflow, () => "OVERFLOW");
    return passed;
  }

  /** Lets these wait. More than fit are refused as BUSY. */
  async add(events: readonly MessageSent[], receipt: Receipt): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const overflow = events.filter((event) => {
      const waiting = this.#waitingWith(event, receipt);
      return !waiting || !this.#keep(waiting, event);
    });
    if (this.#byConversation.size > 0) this.#looking ??= this.#look();
    await this.#refuse(overflow, () => "OVERFLOW");
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#looking;
  }

  #waitingWith({ conversationId, recipientId }: MessageSent, receipt: Receipt): Waiting | undefined {
    const known = this.#byConversation.get(conversationId);
    if (known || this.#byConversation.size >= maxConversations) return known;
    const until = performance.now() + patienceMs;
    const waiting: Waiting = { recipientId, events: [], receipt, until, isFull: false };
    this.#byConversation.set(conversationId, waiting);
    return waiting;
  }

  /** Whether the event may wait. */
  #keep(waiting: Waiting, event: MessageSent): boolean {
    waiting.isFull ||= this.#count >= this.#maxEvents;
    if (waiting.isFull) return false;
    waiting.events.push(event);
    this.#count += 1;
    return true;
  }

  async #look(): Promise<void> {
    const { signal } = this.#stop;
    while (this.#byConversation.size > 0 && !signal.aborted) {
      await wait(lookEveryMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.#decide();
      } catch (error) {
        this.#parts.logger.warn({ err: error }, "first messages wait longer for their recipients");
      }
    }
    this.#looking = undefined;
  }

  async #decide(): Promise<void> {
    const recipients = [...this.#byConversation.values()].map((waiting) => waiting.recipientId);
    const known = await findPeople(this.#parts.database, recipients);
    for (const [conversationId, waiting] of this.#byConversation) {
      const { recipientId } = waiting;
      // Whoever sends is there, whatever was heard of them.
      const isKnown =
        known.has(recipientId) || waiting.events.some((event) => event.senderId === recipientId);
      if (!isKnown && performance.now() < waiting.until) continue;
      const events = waiting.events.splice(0);
      this.#count -= events.length;
      const refused = isKnown ? await storeAndAnnounce(this.#parts, events, waiting.receipt) : events;
      // What came in the meantime goes next time round.
      if (waiting.events.length === 0) this.#byConversation.delete(conversationId);
      await this.#refuse(refused, (event) => (event.opens ? "UNKNOWN_RECIPIENT" : "NOT_FOUND"));
      // For good: what was sent behind them need not wait.
      for (const event of refused) this.#parts.sendOrder.settle(event);
    }
  }

  async #refuse(
    events: readonly MessageSent[],
    why: (event: MessageSent) => "OVERFLOW" | "UNKNOWN_RECIPIENT" | "NOT_FOUND",
  ): Promise<void> {
    const rejections = events.map((event) => toRejection(event, why(event)));
    await announceRejected(this.#parts, rejections);
  }
}
