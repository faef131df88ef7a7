import { type Static, Type } from "typebox";
import { closed, Digest, Seq, SeqOrZero, Time, Uuid } from "../primitives.ts";
import { defineEndpoint } from "./endpoint.ts";
import { Cursor, Limit, NextCursor } from "./paging.ts";

/** A stored message. `id` is the UUID that the sender's client made; `seq` its position in the log. */
export const Message = Type.Object({
  conversationId: Uuid,
  seq: Seq,
  id: Uuid,
  senderId: Uuid,
  body: Type.String(),
  createdAt: Time,
  editedAt: Type.Optional(Time),
  deletedAt: Type.Optional(Time),
  /** The id of the message that this one answers. */
  replyTo: Type.Optional(Uuid),
  digest: Digest,
});
export type Message = Static<typeof Message>;

/** One durable change of a conversation: today only `message.stored`. */
export const Change = Type.Object({ seq: Seq, type: Type.Literal("message.stored"), message: Message });
export type Change = Static<typeof Change>;

export const Member = Type.Object({ userId: Uuid, username: Type.String(), readSeq: SeqOrZero });
export type Member = Static<typeof Member>;

export const Conversation = Type.Object({
  id: Uuid,
  kind: Type.Literal("direct"),
  members: Type.Array(Member),
  headSeq: SeqOrZero,
  lastMessage: Type.Union([Message, Type.Null()]),
  /** Messages of others past one's own read position, at most 100 (shown "99+"). */
  unreadCount: Type.Integer({ minimum: 0, maximum: 100 }),
  createdAt: Time,
});
export type Conversation = Static<typeof Conversation>;

const OneConversation = Type.Object({ conversation: Conversation });
const ById = Type.Object({ id: Uuid });

export const openConversation = defineEndpoint({
  method: "POST",
  path: "/api/conversations",
  tag: "conversations",
  summary: "The one direct conversation with this person, made if it was not there",
  access: "person",
  body: Type.Object({ userId: Uuid }, closed),
  status: 200,
  answer: OneConversation,
  errors: ["NOT_FOUND"],
});

export const listConversations = defineEndpoint({
  method: "GET",
  path: "/api/conversations",
  tag: "conversations",
  summary: "One's own conversations, the most recently active first",
  access: "person",
  query: Type.Object({ limit: Limit(100, 50), cursor: Cursor }, closed),
  status: 200,
  answer: Type.Object({ conversations: Type.Array(Conversation), nextCursor: NextCursor }),
  errors: [],
});

export const getConversation = defineEndpoint({
  method: "GET",
  path: "/api/conversations/:id",
  tag: "conversations",
  summary: "One conversation",
  access: "person",
  params: ById,
  status: 200,
  answer: OneConversation,
  errors: ["NOT_FOUND"],
});

export const listMessages = defineEndpoint({
  method: "GET",
  path: "/api/conversations/:id/messages",
  tag: "conversations",
  summary: "A page of history, ascending; at most one of before, after and around; none = the newest page",
  access: "person",
  params: ById,
  query: Type.Object(
    {
      before: Type.Optional(SeqOrZero),
      after: Type.Optional(SeqOrZero),
      around: Type.Optional(SeqOrZero),
      limit: Limit(100, 50),
    },
    closed,
  ),
  status: 200,
  answer: Type.Object({
    messages: Type.Array(Message),
    headSeq: SeqOrZero,
    hasMoreBefore: Type.Boolean(),
    hasMoreAfter: Type.Boolean(),
  }),
  errors: ["NOT_FOUND"],
});

export const listChanges = defineEndpoint({
  method: "GET",
  path: "/api/conversations/:id/changes",
  tag: "conversations",
  summary: "What came after a position, dense and ascending: how a device catches up",
  access: "person",
  params: ById,
  query: Type.Object({ after: SeqOrZero, limit: Limit(500, 200) }, closed),
  status: 200,
  answer: Type.Object({ changes: Type.Array(Change), headSeq: SeqOrZero }),
  errors: ["NOT_FOUND"],
});
