import { errors } from "@gochat/contracts/errors";
import type { UnknownAction } from "@reduxjs/toolkit";
import { conversationReceived, conversationsPageReceived, readHere } from "../state/conversationsSlice.ts";
import { chatFrames, notificationsFrames } from "../state/frames.ts";
import { messagesOf, stretchReceived } from "../state/messagesSlice.ts";
import type { RootState } from "../state/state.ts";
import type { PersonRealtime } from "./person-realtime.ts";

const defaultRetryMs = 1_000;

export interface ReactionsOptions {
  getState(): RootState;
  person(): PersonRealtime | undefined;
  /** Somebody came online, or a conversation moved, that no loaded page shows. */
  onUnlistedPerson(): void;
  onUnlistedHead(conversationId: string, headSeq: number): void;
  /** A conversation's summary no longer says how much is unread. */
  onUncertainUnread(conversationId: string): void;
}

/** What realtime does after an action has happened, whoever dispatched it. */
export function createReactions(options: ReactionsOptions): (action: UnknownAction) => void {
  const { getState } = options;

  function afterMessages(action: UnknownAction, person: PersonRealtime): void {
    const me = getState().session.user?.id;
    for (const { senderId, id } of messagesOf(action)) {
      if (senderId === me) person.outbox.confirm(id);
    }
  }

  function afterChatFrame(action: UnknownAction, person: PersonRealtime): void {
    if (chatFrames["message.rejected"].match(action)) {
      const { id, code, detail, retryAfterMs } = action.payload;
      const isForNow = code in errors && errors[code as keyof typeof errors].retry === "after";
      if (isForNow) person.outbox.postpone(id, retryAfterMs ?? defaultRetryMs);
      else person.outbox.refuse(id, detail);
    } else if (chatFrames["message.read"].match(action)) {
      afterRead(action.payload, person);
    } else if (chatFrames.typing.match(action)) {
      person.showTyping(action.payload.conversationId);
    } else if (chatFrames.head.match(action)) {
      const { conversationId, headSeq } = action.payload;
      if (!getState().conversations.byId[conversationId]) options.onUnlistedHead(conversationId, headSeq);
    }
  }

  function afterRead(
    { conversationId, userId, readSeq }: { conversationId: string; userId: string; readSeq: number },
    person: PersonRealtime,
  ): void {
    const state = getState();
    if (userId !== state.session.user?.id) return;
    person.reads.confirm(conversationId, readSeq);
    const log = state.messages.byConversation[conversationId];
    const isCounted = !log || log.from <= readSeq + 1 || readSeq >= log.head;
    if (!isCounted) options.onUncertainUnread(conversationId);
  }

  return (action) => {
    const person = options.person();
    if (notificationsFrames["user.online"].match(action)) {
      if (!getState().people.byId[action.payload.userId]) options.onUnlistedPerson();
    }
    if (!person) return;
    afterMessages(action, person);
    afterChatFrame(action, person);
    if (readHere.match(action)) person.reads.read(action.payload.conversationId, action.payload.seq);
    for (const id of touchedConversations(action)) {
      person.catchUp.check(id);
      person.mending.check(id);
    }
  };
}

function touchedConversations(action: UnknownAction): readonly string[] {
  if (chatFrames["message.stored"].match(action)) return [action.payload.conversationId];
  if (chatFrames.head.match(action)) return [action.payload.conversationId];
  if (stretchReceived.match(action)) return [action.payload.conversationId];
  if (conversationReceived.match(action)) return [action.payload.id];
  if (conversationsPageReceived.match(action)) return action.payload.conversations.map(({ id }) => id);
  return [];
}
