import { createSlice, type PayloadAction } from "@reduxjs/toolkit";
import { socketChanged } from "./connectionSlice.ts";
import { chatFrames } from "./frames.ts";
import { sessionEnded, sessionStarted } from "./sessionSlice.ts";

/** Conversation id → the id of who is typing there. */
type TypingState = Readonly<Record<string, string>>;

const initialState: TypingState = {};

export const typingSlice = createSlice({
  name: "typing",
  initialState,
  reducers: {
    typingFaded: (state, { payload: conversationId }: PayloadAction<string>) => {
      delete state[conversationId];
    },
  },
  extraReducers: (builder) =>
    builder
      .addCase(chatFrames.typing, (state, { payload }) => {
        state[payload.conversationId] = payload.userId;
      })
      .addCase(chatFrames["message.stored"], (state, { payload }) => {
        if (state[payload.conversationId] === payload.message.senderId) delete state[payload.conversationId];
      })
      .addCase(socketChanged, (state, { payload: { socket, status } }) =>
        socket === "chat" && status === "closed" ? initialState : state,
      )
      .addCase(sessionStarted, () => initialState)
      .addCase(sessionEnded, () => initialState),
});

export const { typingFaded } = typingSlice.actions;
