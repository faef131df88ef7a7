import { createSlice, type PayloadAction } from "@reduxjs/toolkit";

export type SocketName = "chat" | "notifications";
export type SocketStatus = "closed" | "connecting" | "open";

interface ConnectionState {
  readonly chat: SocketStatus;
  readonly notifications: SocketStatus;
  readonly isOnline: boolean;
  /** Whether a socket has been away long enough to say so; short breaks stay unmentioned. */
  readonly isTroubled: boolean;
}

const initialState: ConnectionState = {
  chat: "closed",
  notifications: "closed",
  isOnline: true,
  isTroubled: false,
};

export const connectionSlice = createSlice({
  name: "connection",
  initialState,
  reducers: {
    socketChanged: (state, { payload }: PayloadAction<{ socket: SocketName; status: SocketStatus }>) => {
      state[payload.socket] = payload.status;
    },
    networkChanged: (state, { payload }: PayloadAction<boolean>) => {
      state.isOnline = payload;
    },
    troubleChanged: (state, { payload }: PayloadAction<boolean>) => {
      state.isTroubled = payload;
    },
  },
});

export const { socketChanged, networkChanged, troubleChanged } = connectionSlice.actions;

/** Whether what is shown of others may be out of date by now. */
export function isUncertain({ isTroubled, isOnline }: ConnectionState): boolean {
  return isTroubled || !isOnline;
}
