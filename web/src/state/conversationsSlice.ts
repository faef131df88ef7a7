import type { Conversation } from "@gochat/contracts/http/conversations";
import { createSlice, type PayloadAction } from "@reduxjs/toolkit";
import { chatFrames } from "./frames.ts";
import { sessionEnded, sessionStarted } from "./sessionSlice.ts";

/** A conversation without its log. */
export interface ConversationSummary {
  /** What the server said last; its `unreadCount` belongs to its `headSeq` and read positions. */
  readonly snapshot: Conversation;
  /** User id → how far that person has read, moved on by frames; it never moves back. */
  readonly readSeqs: Readonly<Record<string, number>>;
}

interface ConversationsState {
  readonly byId: Readonly<Record<string, ConversationSummary>>;
  /** Conversations that the server does not have (yet): nobody has written. */
  readonly absent: Readonly<Record<string, true>>;
  readonly nextCursor: string | null;
  readonly status: "empty" | "loading" | "loaded" | "failed";
}

const initialState: ConversationsState = { byId: {}, absent: {}, nextCursor: null, status: "empty" };

interface PageReceived {
  readonly conversations: readonly Conversation[];
  readonly nextCursor: string | null;
  /** `again`: the first page was asked for once more; what was loaded behind it stays. */
  readonly place: "first" | "next" | "again";
}

export const conversationsSlice = createSlice({
  name: "conversations",
  initialState: initialState as ConversationsState,
  reducers: {
    conversationsAskedFor: (state) => {
      state.status = "loading";
    },
    conversationsPageReceived: (state, { payload }: PayloadAction<PageReceived>) => {
      for (const conversation of payload.conversations) receive(state, conversation);
      state.status = "loaded";
      if (payload.place !== "again") state.nextCursor = payload.nextCursor;
    },
    conversationsFailed: (state) => {
      state.status = "failed";
    },
    conversationReceived: (state, { payload }: PayloadAction<Conversation>) => {
      receive(state, payload);
    },
    conversationAbsent: (state, { payload: id }: PayloadAction<string>) => {
      state.absent[id] = true;
    },
    /** The person at this browser has seen everything up to `seq`. */
    readHere: (
      state,
      { payload }: PayloadAction<{ conversationId: string; userId: string; seq: number }>,
    ) => {
      moveRead(state, payload.conversationId, payload.userId, payload.seq);
    },
  },
  extraReducers: (builder) =>
    builder
      .addCase(chatFrames["message.read"], (state, { payload }) => {
        moveRead(state, payload.conversationId, payload.userId, payload.readSeq);
      })
      .addCase(chatFrames["message.stored"], (state, { payload }) => {
        // Who writes has read what is above.
        moveRead(state, payload.conversationId, payload.message.senderId, payload.seq);
        delete state.absent[payload.conversationId];
      })
      .addCase(sessionStarted, () => initialState)
      .addCase(sessionEnded, () => initialState),
});

type Writable<State> = { -readonly [Name in keyof State]: State[Name] };
interface Draft {
  byId: Record<string, Writable<ConversationSummary>>;
  absent: Record<string, true>;
}

function receive(state: Draft, conversation: Conversation): void {
  const known = state.byId[conversation.id];
  const readSeqs: Record<string, number> = { ...known?.readSeqs };
  for (const { userId, readSeq } of conversation.members) {
    readSeqs[userId] = Math.max(readSeqs[userId] ?? 0, readSeq);
  }
  const isOlder = known && known.snapshot.headSeq > conversation.headSeq;
  state.byId[conversation.id] = { snapshot: isOlder ? known.snapshot : conversation, readSeqs };
  delete state.absent[conversation.id];
}

function moveRead(state: Draft, conversationId: string, userId: string, seq: number): void {
  const summary = state.byId[conversationId];
  if (!summary || (summary.readSeqs[userId] ?? 0) >= seq) return;
  summary.readSeqs = { ...summary.readSeqs, [userId]: seq };
}

export const {
  conversationsAskedFor,
  conversationsPageReceived,
  conversationsFailed,
  conversationReceived,
  conversationAbsent,
  readHere,
} = conversationsSlice.actions;
