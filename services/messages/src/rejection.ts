import type { ErrorCode } from "@gochat/contracts/errors";
import type { MessageRejected, MessageSent } from "@gochat/contracts/events/message-events";
import type { Outcome } from "./message-store.ts";

type Refusal = Exclude<Outcome["outcome"], "stored" | "replayed"> | "POISONED" | "OVERFLOW" | "EARLY";

const refusals: Readonly<Record<Refusal, { code: ErrorCode; detail: string; retryAfterMs?: number }>> = {
  CLIENT_ID_REUSED: { code: "CLIENT_ID_REUSED", detail: "This id belongs to a message with another body." },
  NOT_FOUND: { code: "NOT_FOUND", detail: "There is no such conversation." },
  REPLY_NOT_FOUND: {
    code: "NOT_FOUND",
    detail: "The message that this one answers is not in the conversation.",
  },
  SELF: { code: "INVALID_INPUT", detail: "A conversation with oneself is not possible." },
  UNKNOWN_RECIPIENT: { code: "NOT_FOUND", detail: "There is no such person." },
  POISONED: { code: "INVALID_INPUT", detail: "This message cannot be stored." },
  OVERFLOW: {
    code: "BUSY",
    detail: "Too many messages wait for people who have just registered.",
    retryAfterMs: 1_000,
  },
  EARLY: {
    code: "BUSY",
    detail: "The message that was sent before this one has not come yet.",
    retryAfterMs: 1_000,
  },
};

/** What the socket that sent the message is told. */
export function toRejection(event: MessageSent, refusal: Refusal): MessageRejected {
  const { node, socket, id, trace } = event;
  return { node, socket, id, ...refusals[refusal], ...(trace && { trace }) };
}
