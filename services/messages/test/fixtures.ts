import { randomUUID } from "node:crypto";
import { directConversationId, otherMember, partitionOf } from "@gochat/contracts/conversation-id";
import {
  type MessageRejected,
  type MessageSent,
  type MessageStored,
  messageRejected,
  messageSent,
  messageStored,
} from "@gochat/contracts/events/message-events";
import { partitionCount } from "@gochat/contracts/limits";
import type { Database } from "@gochat/database/database";
import { createLogger } from "@gochat/runtime/logger";
import { createMetrics } from "@gochat/runtime/metrics";
import { noTracing } from "@gochat/runtime/tracing";
import { Trail } from "@gochat/runtime/trail";
import type { GoChat } from "@gochat/testing/gochat";
import { Backlog } from "../src/backlog.ts";
import { LogEnds } from "../src/log-ends.ts";
import { createMeasures } from "../src/measures.ts";
import type { Parts } from "../src/parts.ts";
import { SendOrder } from "../src/send-order.ts";
import { Watermarks } from "../src/watermarks.ts";

export interface Somebody {
  readonly id: string;
  readonly username: string;
}

/** The node and socket that the tests' messages come from. */
export const origin = { node: "node-of-the-test", socket: "7" } as const;

/** A message as the chat service would announce it. */
export function sent(
  from: Somebody,
  to: Somebody,
  body: string,
  more: Partial<MessageSent> = {},
): MessageSent {
  const conversationId = more.conversationId ?? directConversationId(from.id, to.id);
  return {
    conversationId,
    id: randomUUID(),
    senderId: from.id,
    senderUsername: from.username,
    recipientId: otherMember(conversationId, from.id),
    opens: more.conversationId === undefined,
    body,
    sentAt: new Date().toISOString(),
    ...origin,
    ...more,
  };
}

/** Publishes as the chat service does: each event to the partition of its conversation. */
export async function publishSent(gochat: GoChat, events: readonly MessageSent[]): Promise<void> {
  for (const [key, group] of Map.groupBy(events, (event) =>
    partitionOf(event.conversationId, partitionCount),
  )) {
    await gochat.broker.publish(messageSent, group, { key });
  }
}

/** What the messages service announces, as a chat node hears it. */
export interface Heard extends AsyncDisposable {
  readonly stored: MessageStored[];
  readonly rejected: MessageRejected[];
}

export async function listen(gochat: GoChat): Promise<Heard> {
  const stored: MessageStored[] = [];
  const rejected: MessageRejected[] = [];
  const subscriptions = await Promise.all([
    gochat.broker.subscribe({
      service: "chat",
      contract: messageStored,
      handle: async (events) => void stored.push(...events),
    }),
    gochat.broker.subscribe({
      service: "chat",
      contract: messageRejected,
      handle: async (events) => void rejected.push(...events),
    }),
  ]);
  return {
    stored,
    rejected,
    async [Symbol.asyncDispose]() {
      for (const subscription of subscriptions) await subscription.close();
    },
  };
}

/** The parts of a messages service over the database and broker of the test, some of them replaced. */
export function partsOf(gochat: GoChat, replaced: Partial<Parts> = {}): Parts {
  const logger = createLogger("silent");
  // What the service itself was given, though tests are shown less of it.
  const database = gochat.database("messages") as Database;
  return {
    database,
    broker: gochat.broker,
    logger,
    backlog: new Backlog(),
    watermarks: new Watermarks({ database, logger }),
    logEnds: new LogEnds(),
    sendOrder: new SendOrder(),
    trail: new Trail({ service: "messages", logger, tracing: noTracing, isDebug: false }),
    measures: createMeasures(createMetrics()),
    ...replaced,
  };
}

export const never = new AbortController().signal;
