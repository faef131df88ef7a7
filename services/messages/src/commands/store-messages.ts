import type { Delivery } from "@gochat/broker/broker";
import type { MessageRejected, MessageSent, MessageStored } from "@gochat/contracts/events/message-events";
import { applyBatch, patiently } from "@gochat/runtime/patience";
import { timeOf } from "@gochat/runtime/time-text";
import { preciseNow } from "@gochat/runtime/tracing";
import { appendMessages, learnEnds } from "../append-store.ts";
import { splitAtReferences } from "../batch.ts";
import { toMessage, toStoredEvent } from "../message.ts";
import { findStored, type Outcome, storeMessages } from "../message-store.ts";
import type { Parts } from "../parts.ts";
import { toRejection } from "../rejection.ts";
import { announceRejected } from "./announce-rejected.ts";
import { announceStored } from "./announce-stored.ts";

/** What of a delivery storing needs. */
export type Receipt = Pick<Delivery<MessageSent>, "signal" | "deadLetter">;

/** What came of a batch. */
interface Verdicts {
  readonly stored: MessageStored[];
  readonly rejected: MessageRejected[];
  /** Sent to somebody of whom this service has not heard, yet. */
  readonly unknown: MessageSent[];
}

/** Nothing of it may be stored yet: what was sent ahead of it is missing. */
type Early = ReadonlySet<MessageSent>;

/**
 * Stores a batch, then announces what is on disk and tells the senders what is not. Answers the events whose
 * recipient is not known, and those behind them in the same conversation, in order: nobody is told about them yet.
 * Resolves when the input may be acknowledged; rejects only after the signal.
 */
export async function storeAndAnnounce(
  parts: Parts,
  events: readonly MessageSent[],
  receipt: Receipt,
): Promise<MessageSent[]> {
  const outcomes = new Map<MessageSent, Outcome>();
  const poisoned = new Set<MessageSent>();
  const early = parts.sendOrder.early(events);
  const held = await withoutReplays(parts, early, receipt);
  /** Conversations that wait for a recipient: what follows in them is not tried. */
  const waiting = new Set<string>();

  /** Nothing here may fail behind the commit: it would be taken for a refusal. */
  async function store(some: readonly MessageSent[]): Promise<void> {
    const ready = some.filter((event) => !waiting.has(event.conversationId));
    if (ready.length === 0) return;
    const answered = await storeAll(parts, ready);
    for (const [index, outcome] of answered.entries()) {
      const event = ready[index]!;
      outcomes.set(event, outcome);
      if (outcome.outcome === "UNKNOWN_RECIPIENT") waiting.add(event.conversationId);
    }
  }

  const startedAt = preciseNow();
  const due = held.size === 0 ? events : events.filter((event) => !held.has(event));
  for (const part of splitAtReferences(due)) {
    await applyBatch({
      events: part,
      delivery: receipt,
      logger: parts.logger,
      apply: store,
      onRefused: (event) => poisoned.add(event),
    });
  }
  observeStored(parts, events, outcomes, startedAt);
  const { stored, rejected, unknown } = judge(events, outcomes, poisoned, held);
  settle(parts, events, new Set([...early, ...unknown]));
  follow(parts, stored, startedAt);
  await Promise.all([announceStored(parts, stored), announceRejected(parts, rejected)]);
  return unknown;
}

/** Nearly every batch only appends to logs whose ends are known; the others are judged message by message. */
async function storeAll(
  { database, logEnds }: Pick<Parts, "database" | "logEnds">,
  events: readonly MessageSent[],
): Promise<Outcome[]> {
  const appended = await appendMessages(database, logEnds, events);
  if (appended) return appended;
  const judged = await storeMessages(database, events);
  learnEnds(logEnds, events, judged);
  return judged;
}

/** What is stored already is answered, whatever is missing ahead of it. */
async function withoutReplays(
  { database, logger }: Pick<Parts, "database" | "logger">,
  early: Early,
  { signal }: Receipt,
): Promise<Early> {
  if (early.size === 0) return early;
  const stored = await patiently(() => findStored(database, [...early]), { signal, logger });
  return new Set([...early].filter((event) => !stored.has(event)));
}

/** What follows these, except those that prove nothing, is in its turn. */
function settle(
  { sendOrder }: Pick<Parts, "sendOrder">,
  events: readonly MessageSent[],
  except: ReadonlySet<MessageSent>,
): void {
  for (const event of events) if (!except.has(event)) sendOrder.settle(event);
}

function observeStored(
  { measures }: Pick<Parts, "measures">,
  events: readonly MessageSent[],
  outcomes: ReadonlyMap<MessageSent, Outcome>,
  startedAt: number,
): void {
  const now = preciseNow();
  let stored = 0;
  let replayed = 0;
  for (const event of events) {
    const outcome = outcomes.get(event)?.outcome;
    if (outcome === "replayed") replayed += 1;
    if (outcome !== "stored") continue;
    stored += 1;
    measures.receivedToStored.observe(Math.max(0, now - timeOf(event.sentAt)) / 1000);
  }
  measures.stored.inc(stored);
  measures.replayed.inc(replayed);
  measures.batchMessages.observe(events.length);
  measures.storeSeconds.observe((now - startedAt) / 1000);
}

/** What is announced goes on from here in the trace of its message. */
function follow({ trail }: Pick<Parts, "trail">, stored: readonly MessageStored[], startedAt: number): void {
  for (const event of stored) {
    if (!trail.follows(event.trace)) continue;
    const { message, seq } = event;
    const fields = { seq, batch: stored.length };
    const step = { name: "message stored", kind: "consumer", startedAt, fields } as const;
    const trace = trail.step(message.id, event.trace, step);
    if (trace) event.trace = trace;
  }
}

function judge(
  events: readonly MessageSent[],
  outcomes: ReadonlyMap<MessageSent, Outcome>,
  poisoned: ReadonlySet<MessageSent>,
  held: Early,
): Verdicts {
  const verdicts: Verdicts = { stored: [], rejected: [], unknown: [] };
  const waiting = new Set<string>();
  for (const event of events) {
    const outcome = outcomes.get(event);
    if (held.has(event)) {
      verdicts.rejected.push(toRejection(event, "EARLY"));
    } else if (poisoned.has(event)) {
      verdicts.rejected.push(toRejection(event, "POISONED"));
    } else if (!outcome || outcome.outcome === "UNKNOWN_RECIPIENT" || waiting.has(event.conversationId)) {
      waiting.add(event.conversationId);
      verdicts.unknown.push(event);
    } else if (outcome.outcome === "stored" || outcome.outcome === "replayed") {
      verdicts.stored.push(toStored(event, outcome));
    } else {
      verdicts.rejected.push(toRejection(event, outcome.outcome));
    }
  }
  return verdicts;
}

function toStored(event: MessageSent, { seq, created_ms, reply_to, digest }: Outcome): MessageStored {
  const { conversationId: conversation_id, id, senderId: sender_id, body } = event;
  const message = toMessage({ conversation_id, seq, id, sender_id, body, created_ms, reply_to, digest });
  const stored = toStoredEvent(message, event.senderUsername, event.recipientId);
  return event.trace ? { ...stored, trace: event.trace } : stored;
}
