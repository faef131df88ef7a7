import type { Account } from "@gochat/contracts/http/auth";
import { createSlice, type PayloadAction } from "@reduxjs/toolkit";

interface SessionState {
  readonly status: "unknown" | "guest" | "person";
  readonly user: Account | null;
  /** Whether a session ended by itself, so that the sign-in page can say so. */
  readonly hasExpired: boolean;
}

const initialState: SessionState = { status: "unknown", user: null, hasExpired: false };

/** Who is at this browser. Slices that hold what belongs to a person begin anew with either action. */
export const sessionSlice = createSlice({
  name: "session",
  initialState,
  reducers: {
    sessionStarted: (_state, { payload }: PayloadAction<Account>): SessionState => ({
      status: "person",
      user: payload,
      hasExpired: false,
    }),
    sessionEnded: (
      state,
      { payload }: PayloadAction<"never began" | "signed out" | "expired">,
    ): SessionState => ({
      status: "guest",
      user: null,
      hasExpired: payload === "expired" && state.status === "person",
    }),
  },
});

export const { sessionStarted, sessionEnded } = sessionSlice.actions;
