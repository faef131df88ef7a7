import type { Account } from "@gochat/contracts/http/auth";
import { createSlice, type PayloadAction } from "@reduxjs/toolkit";

interface SessionState {
  readonly status: "unknown" | "guest" | "person";
  readonly user: Account | null;
  /** Whether a session ended by itself, so that the sign-in page can say so. */
  readonly hasExpired: boolean;
  /** Of that session, for the field of the sign-in page; empty otherwise. */
  readonly lastEmail: string;
}

const initialState: SessionState = { status: "unknown", user: null, hasExpired: false, lastEmail: "" };

/** Who is at this browser. Slices that hold what belongs to a person begin anew with either action. */
export const sessionSlice = createSlice({
  name: "session",
  initialState,
  reducers: {
    sessionStarted: (_state, { payload }: PayloadAction<Account>): SessionState => ({
      status: "person",
      user: payload,
      hasExpired: false,
      lastEmail: "",
    }),
    sessionEnded: (
      state,
      { payload }: PayloadAction<"never began" | "signed out" | "expired">,
    ): SessionState => ({
      status: "guest",
      user: null,
      hasExpired: payload === "expired" && state.status === "person",
      lastEmail: payload === "expired" ? (state.user?.email ?? "") : "",
    }),
  },
});

export const { sessionStarted, sessionEnded } = sessionSlice.actions;
