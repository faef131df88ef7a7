import type { HeadsAnswered, HeadsRequested } from "@gochat/contracts/events/message-events";
import type { HeadRow } from "./conversation-store.ts";
import { membersOf } from "./message.ts";

type Head = HeadsAnswered["heads"][number];

/** Of one person's conversations, those that are past what the device has, or that it does not list. */
export function headsPast(rows: readonly HeadRow[], known: HeadsRequested["heads"] = {}): Head[] {
  return rows
    .filter(({ conversation_id: id, last_seq }) => !Object.hasOwn(known, id) || last_seq > known[id]!)
    .map(toHead);
}

export function toHead({ user_id, conversation_id, last_seq }: HeadRow): Head {
  return {
    conversationId: conversation_id,
    memberIds: membersOf(conversation_id, user_id),
    headSeq: last_seq,
  };
}
