import type { Message } from "@gochat/contracts/http/conversations";
import { createSlice, isDraft, original, type PayloadAction } from "@reduxjs/toolkit";
import {
  addPending,
  applyLive,
  applyStretch,
  type ConversationLog,
  failPending,
  noticeGap,
  noticeHead,
  type PendingMessage,
  removePending,
  type Stretch,
  unknownLog,
} from "./conversation-log.ts";
import { conversationReceived, conversationsPageReceived } from "./conversationsSlice.ts";
import { chatFrames } from "./frames.ts";
import { checkDigests, type Integrity, nothingChecked } from "./integrity.ts";
import { sessionEnded, sessionStarted } from "./sessionSlice.ts";

interface MessagesState {
  readonly byConversation: Readonly<Record<string, ConversationLog>>;
  readonly integrity: Readonly<Record<string, Integrity>>;
}

const initialState: MessagesState = { byConversation: {}, integrity: {} };

interface OfConversation {
  readonly conversationId: string;
}

/** The logs of the conversations. All merging is in conversation-log.ts; here is only what leads to it. */
export const messagesSlice = createSlice({
  name: "messages",
  initialState,
  reducers: {
    /** A page of history or of changes came. */
    stretchReceived: (state, { payload }: PayloadAction<OfConversation & { stretch: Stretch }>) => {
      change(state, payload.conversationId, (log) => applyStretch(log, payload.stretch));
    },
    /** Something was written here, in another tab, or before a reload. */
    messageWritten: (state, { payload }: PayloadAction<OfConversation & { pending: PendingMessage }>) => {
      change(state, payload.conversationId, (log) => addPending(log, payload.pending));
    },
    messageFailed: (state, { payload }: PayloadAction<OfConversation & { id: string; reason: string }>) => {
      change(state, payload.conversationId, (log) => failPending(log, payload.id, payload.reason));
    },
    messageDiscarded: (state, { payload }: PayloadAction<OfConversation & { id: string }>) => {
      change(state, payload.conversationId, (log) => removePending(log, payload.id));
    },
  },
  extraReducers: (builder) =>
    builder
      .addCase(chatFrames["message.stored"], (state, { payload }) => {
        change(state, payload.conversationId, (log) => applyLive(log, payload.message));
      })
      .addCase(chatFrames.head, (state, { payload }) => {
        change(state, payload.conversationId, (log) => noticeGap(log, payload.headSeq));
      })
      .addCase(conversationReceived, (state, { payload }) => {
        change(state, payload.id, (log) => noticeHead(log, payload.headSeq));
      })
      .addCase(conversationsPageReceived, (state, { payload }) => {
        for (const { id, headSeq } of payload.conversations)
          change(state, id, (log) => noticeHead(log, headSeq));
      })
      .addCase(sessionStarted, () => initialState)
      .addCase(sessionEnded, () => initialState),
});

/**
 * Logs are merged as plain values: a draft of thousands of messages would cost more than the merge. They are frozen
 * here, since Immer goes through all that is new to it and not frozen. What a merge brings is held against the hash
 * chain at once.
 */
function change(
  state: { byConversation: Record<string, unknown>; integrity: Record<string, Integrity> },
  id: string,
  merge: (log: ConversationLog) => ConversationLog,
): void {
  const held = state.byConversation[id];
  const log = (isDraft(held) ? original(held) : held) as ConversationLog | undefined;
  const merged = Object.freeze(merge(log ?? unknownLog));
  state.byConversation[id] = merged;
  const before = log?.messages ?? [];
  if (merged.messages !== before) {
    state.integrity[id] = checkDigests(state.integrity[id] ?? nothingChecked, id, before, merged.messages);
  }
}

export const { stretchReceived, messageWritten, messageFailed, messageDiscarded } = messagesSlice.actions;

/** The stored messages that an action brought, in whatever way; the outbox lives on them. */
export function messagesOf(action: unknown): readonly Message[] {
  if (chatFrames["message.stored"].match(action)) return [action.payload.message];
  if (stretchReceived.match(action)) return action.payload.stretch.messages;
  return [];
}
