import { type Static, Type } from "typebox";
import { ErrorCodeName } from "../error-code.ts";
import { Message } from "../http/conversations.ts";
import { Notification } from "../http/notifications.ts";
import { Heads, Seq, SeqOrZero, Time, Traceparent, Username, Uuid } from "../primitives.ts";
import { defineEvent } from "./event.ts";

/** Both members of a direct conversation. */
const MemberIds = Type.Array(Uuid, { minItems: 2, maxItems: 2 });
/** The process that holds a socket, and the socket. */
const NodeId = Type.String({ minLength: 1, maxLength: 64 });
const SocketId = Type.String({ minLength: 1, maxLength: 64 });

export const messageSent = defineEvent({
  name: "message.sent",
  exchange: "MessageEventsExchange",
  producer: "chat",
  consumers: { messages: "service" },
  key: "partition",
  summary: "A person sent a message; nothing is decided yet.",
  schema: Type.Object({
    conversationId: Uuid,
    id: Uuid,
    senderId: Uuid,
    senderUsername: Username,
    recipientId: Uuid,
    /** Sent `to` a person: the conversation is opened if need be. Otherwise it must be there. */
    opens: Type.Boolean(),
    /** Trimmed, 1–4,000 code points, well-formed, no NUL. */
    body: Type.String({ minLength: 1, maxLength: 8000 }),
    replyTo: Type.Optional(Uuid),
    sentAt: Time,
    node: NodeId,
    socket: SocketId,
    /** Among all that this socket sent; sent again while unanswered, a message keeps it. */
    place: Type.Optional(Type.Integer({ minimum: 1 })),
    /** The place of the one ahead of it in this conversation that nobody had answered: that one goes first. */
    after: Type.Optional(Type.Integer({ minimum: 1 })),
    trace: Type.Optional(Traceparent),
  }),
  inProcess: {
    copy: (event) => ({ ...event }),
    lengthOf: ({ body }) => 400 + body.length,
  },
});
export type MessageSent = Static<typeof messageSent.schema>;

export const messageStored = defineEvent({
  name: "message.stored",
  exchange: "MessageEventsExchange",
  producer: "messages",
  consumers: { chat: "node", notifications: "service" },
  summary: "A message is committed to disk at this position; announced again for every replay.",
  schema: Type.Object({
    conversationId: Uuid,
    seq: Seq,
    memberIds: MemberIds,
    senderUsername: Username,
    message: Message,
    trace: Type.Optional(Traceparent),
  }),
  inProcess: {
    copy: (event) => ({ ...event, memberIds: [...event.memberIds], message: { ...event.message } }),
    lengthOf: ({ message }) => 500 + message.body.length,
  },
});
export type MessageStored = Static<typeof messageStored.schema>;

export const messageRejected = defineEvent({
  name: "message.rejected",
  exchange: "MessageEventsExchange",
  producer: "messages",
  consumers: { chat: "node" },
  summary: "A message was not and will not be stored; the node of the socket that sent it tells that one.",
  schema: Type.Object({
    node: NodeId,
    socket: SocketId,
    id: Uuid,
    code: ErrorCodeName,
    detail: Type.String(),
    /** With BUSY: this attempt was not stored, and the same id may be sent again then. */
    retryAfterMs: Type.Optional(Type.Integer({ minimum: 0 })),
    trace: Type.Optional(Traceparent),
  }),
});
export type MessageRejected = Static<typeof messageRejected.schema>;

export const messageSeen = defineEvent({
  name: "message.seen",
  exchange: "MessageEventsExchange",
  producer: "chat",
  consumers: { messages: "service" },
  key: "partition",
  summary: "A device says that its person has read up to here; nothing is decided yet.",
  schema: Type.Object({ conversationId: Uuid, userId: Uuid, seq: SeqOrZero }),
});
export type MessageSeen = Static<typeof messageSeen.schema>;

export const messageRead = defineEvent({
  name: "message.read",
  exchange: "MessageEventsExchange",
  producer: "messages",
  consumers: { chat: "node", notifications: "service" },
  summary: "A read position stands here now; it never moves back nor past the head.",
  schema: Type.Object({ conversationId: Uuid, userId: Uuid, readSeq: SeqOrZero, memberIds: MemberIds }),
});
export type MessageRead = Static<typeof messageRead.schema>;

export const typingStarted = defineEvent({
  name: "typing.started",
  exchange: "MessageEventsExchange",
  producer: "chat",
  consumers: { chat: "node" },
  summary: "A person is typing; best effort, shown to the other member only.",
  schema: Type.Object({ conversationId: Uuid, userId: Uuid, recipientId: Uuid }),
});
export type TypingStarted = Static<typeof typingStarted.schema>;

export const headsRequested = defineEvent({
  name: "heads.requested",
  exchange: "MessageEventsExchange",
  producer: "chat",
  consumers: { messages: "service" },
  summary:
    "A chat node asks for the heads of one person's conversations (resume) or of all that moved lately.",
  schema: Type.Object({
    node: NodeId,
    /** Absent where the node asks for all of its people. */
    socket: Type.Optional(SocketId),
    userId: Type.Optional(Uuid),
    /** With `userId`: what the device has applied; only conversations past it are answered. */
    heads: Type.Optional(Heads),
    /** Without `userId`: conversations that moved in the last so many milliseconds. */
    spanMs: Type.Optional(Type.Integer({ minimum: 0 })),
    /** With `spanMs`: when this was asked, in milliseconds of the node's own count. */
    asOf: Type.Optional(Type.Number()),
    /** With `spanMs`: also the read positions that moved since. */
    reads: Type.Optional(Type.Boolean()),
  }),
});
export type HeadsRequested = Static<typeof headsRequested.schema>;

export const headsAnswered = defineEvent({
  name: "heads.answered",
  exchange: "MessageEventsExchange",
  producer: "messages",
  consumers: { chat: "node" },
  key: "node",
  summary: "Where conversations stand.",
  schema: Type.Object({
    node: NodeId,
    socket: Type.Optional(SocketId),
    heads: Type.Array(Type.Object({ conversationId: Uuid, memberIds: MemberIds, headSeq: SeqOrZero })),
    reads: Type.Optional(Type.Array(messageRead.schema)),
    /** The request's, in its last answer: the node has heard of all that moved before. */
    asOf: Type.Optional(Type.Number()),
  }),
});
export type HeadsAnswered = Static<typeof headsAnswered.schema>;

/** Conversations that moved in a span of time, a page of them; the end of one page asks for the next. */
const span = {
  /** Absent: from the beginning. */
  since: Type.Optional(Time),
  /** Absent in the first request of a span: the answer says up to when it is complete. */
  until: Type.Optional(Time),
};

export const standingsRequested = defineEvent({
  name: "standings.requested",
  exchange: "MessageEventsExchange",
  producer: "notifications",
  consumers: { messages: "service" },
  summary: "Notifications asks how conversations stand that moved lately, in case it missed an event.",
  schema: Type.Object({ ...span, after: Type.Optional(Uuid) }),
});
export type StandingsRequested = Static<typeof standingsRequested.schema>;

export const standingsAnswered = defineEvent({
  name: "standings.answered",
  exchange: "MessageEventsExchange",
  producer: "messages",
  consumers: { notifications: "service" },
  summary: "How conversations stand: where they are read up to, and their newest message.",
  schema: Type.Object({
    ...span,
    until: Time,
    /** There are more: ask for those after this id. */
    next: Type.Optional(Uuid),
    standings: Type.Array(
      Type.Object({
        conversationId: Uuid,
        headSeq: Seq,
        /** Behind a member's position there are only messages of the other one: whoever writes has read. */
        members: Type.Array(Type.Object({ userId: Uuid, readSeq: SeqOrZero }), { minItems: 2, maxItems: 2 }),
        senderId: Uuid,
        senderUsername: Username,
        /** The beginning of the newest body. */
        text: Type.String(),
        createdAt: Time,
      }),
    ),
  }),
});
export type StandingsAnswered = Static<typeof standingsAnswered.schema>;
export type Standing = StandingsAnswered["standings"][number];

export const notificationRaised = defineEvent({
  name: "notification.raised",
  exchange: "MessageEventsExchange",
  producer: "notifications",
  consumers: { notifications: "node" },
  summary: "A person's notification is new or was raised.",
  schema: Type.Object({
    userId: Uuid,
    notification: Notification,
    /** The newest message that it speaks of, for who follows that one. */
    messageId: Type.Optional(Uuid),
    trace: Type.Optional(Traceparent),
  }),
});
export type NotificationRaised = Static<typeof notificationRaised.schema>;

export const notificationRead = defineEvent({
  name: "notification.read",
  exchange: "MessageEventsExchange",
  producer: "notifications",
  consumers: { notifications: "node" },
  summary: "A person's notification of this conversation is read up to here.",
  schema: Type.Object({ userId: Uuid, conversationId: Uuid, readSeq: SeqOrZero }),
});
export type NotificationRead = Static<typeof notificationRead.schema>;
