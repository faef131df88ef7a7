import { type Static, Type } from "typebox";
import { ErrorCodeName } from "../error-code.ts";
import { Message } from "../http/conversations.ts";
import { closed, Heads, Seq, SeqOrZero, Time, Uuid } from "../primitives.ts";

// Client → server. The length of `body` in code points, its Unicode form and "to or conversationId, not both"
// are rules of the chat service: a schema cannot say them.
export const MessageSend = Type.Object(
  {
    type: Type.Literal("message.send"),
    id: Uuid,
    to: Type.Optional(Uuid),
    conversationId: Type.Optional(Uuid),
    body: Type.String(),
    replyTo: Type.Optional(Uuid),
  },
  closed,
);
export const MessageReadUpTo = Type.Object(
  { type: Type.Literal("message.read"), conversationId: Uuid, seq: SeqOrZero },
  closed,
);
export const Typing = Type.Object({ type: Type.Literal("typing"), conversationId: Uuid }, closed);
export const Resume = Type.Object({ type: Type.Literal("resume"), heads: Heads }, closed);

export const chatClientFrames = {
  "message.send": MessageSend,
  "message.read": MessageReadUpTo,
  typing: Typing,
  resume: Resume,
} as const;

// Server → client.
export const ChatReady = Type.Object({
  type: Type.Literal("ready"),
  userId: Uuid,
  sessionId: Uuid,
  serverTime: Time,
  limits: Type.Object({
    maxFrameBytes: Type.Integer(),
    maxBodyCharacters: Type.Integer(),
    maxUnacknowledged: Type.Integer(),
    messagesPerSecond: Type.Integer(),
    burst: Type.Integer(),
  }),
});
export const MessageStoredFrame = Type.Object({
  type: Type.Literal("message.stored"),
  conversationId: Uuid,
  seq: Seq,
  message: Message,
});
export const MessageRejectedFrame = Type.Object({
  type: Type.Literal("message.rejected"),
  id: Uuid,
  code: ErrorCodeName,
  detail: Type.String(),
  retryAfterMs: Type.Optional(Type.Integer({ minimum: 0 })),
});
export const MessageReadFrame = Type.Object({
  type: Type.Literal("message.read"),
  conversationId: Uuid,
  userId: Uuid,
  readSeq: SeqOrZero,
});
export const TypingFrame = Type.Object({ type: Type.Literal("typing"), conversationId: Uuid, userId: Uuid });
export const Head = Type.Object({ type: Type.Literal("head"), conversationId: Uuid, headSeq: SeqOrZero });
export const Reconnect = Type.Object({
  type: Type.Literal("reconnect"),
  afterMs: Type.Integer({ minimum: 0 }),
});
export const ErrorFrame = Type.Object({
  type: Type.Literal("error"),
  code: ErrorCodeName,
  detail: Type.String(),
});

export const chatServerFrames = {
  ready: ChatReady,
  "message.stored": MessageStoredFrame,
  "message.rejected": MessageRejectedFrame,
  "message.read": MessageReadFrame,
  typing: TypingFrame,
  head: Head,
  reconnect: Reconnect,
  error: ErrorFrame,
} as const;

type Frames<Table extends Record<string, unknown>> = { [Type in keyof Table]: Static<Table[Type] & {}> };
export type ChatClientFrame = Frames<typeof chatClientFrames>[keyof typeof chatClientFrames];
export type ChatServerFrame = Frames<typeof chatServerFrames>[keyof typeof chatServerFrames];
