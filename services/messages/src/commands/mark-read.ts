import type { Delivery } from "@gochat/broker/broker";
import { type MessageRead, type MessageSeen, messageRead } from "@gochat/contracts/events/message-events";
import { applyBatch } from "@gochat/runtime/patience";
import { type MovedPosition, moveReadPositions, readPositionsOf } from "../conversation-store.ts";
import { membersOf } from "../message.ts";
import type { Parts } from "../parts.ts";

/**
 * Moves read positions forward and announces those that moved. A stranger's, and a replay, change nothing.
 *
 * Moving is committed before it is announced. So where an attempt failed on the way, or a process died, positions may
 * have moved of which nobody has heard and which will not move again: the next attempt announces where all of them
 * stand. Waits for the broker in place; rejects only after the signal.
 */
export async function markRead(
  { database, broker, logger }: Pick<Parts, "database" | "broker" | "logger">,
  seen: readonly MessageSeen[],
  delivery: Pick<Delivery<MessageSeen>, "signal" | "deadLetter" | "attempt">,
): Promise<void> {
  let isRepeated = delivery.attempt > 1;
  async function apply(some: readonly MessageSeen[]): Promise<void> {
    try {
      const moved = await moveReadPositions(database, some);
      const told = isRepeated ? await readPositionsOf(database, some) : moved;
      if (told.length > 0) await broker.publish(messageRead, told.map(toReadEvent));
    } catch (error) {
      isRepeated = true;
      throw error;
    }
  }
  await applyBatch({ events: seen, delivery, logger, apply });
}

export function toReadEvent({ conversation_id, user_id, read_seq }: MovedPosition): MessageRead {
  return {
    conversationId: conversation_id,
    userId: user_id,
    readSeq: read_seq,
    memberIds: membersOf(conversation_id, user_id),
  };
}
