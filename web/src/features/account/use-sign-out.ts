import { useState } from "react";
import { useLocation } from "wouter";
import { useClient } from "../../realtime/client-context.ts";
import { sessionEnded } from "../../state/sessionSlice.ts";
import { useAppDispatch, useAppSelector } from "../../state/state.ts";

/** Signs out. What is not sent yet is lost with it, so that is asked about first. */
export function useSignOut() {
  const { api, realtime } = useClient();
  const dispatch = useAppDispatch();
  const [, navigate] = useLocation();
  const userId = useAppSelector((state) => state.session.user?.id);
  const unsent = useAppSelector((state) =>
    Object.values(state.messages.byConversation).reduce((sum, { pending }) => sum + pending.length, 0),
  );
  const [question, setQuestion] = useState<string>();
  const [hasFailed, setFailed] = useState(false);

  async function signOut(): Promise<void> {
    if (unsent > 0 && question === undefined) {
      setQuestion(unsent === 1 ? "One message is not sent yet." : `${unsent} messages are not sent yet.`);
      return;
    }
    try {
      await api.signOut();
    } catch {
      setFailed(true);
      return;
    }
    if (userId) await realtime.forgetUnsent(userId);
    // Whoever leaves by hand is not asked to come back to where they were.
    navigate("/", { replace: true });
    dispatch(sessionEnded("signed out"));
    realtime.tellOtherTabs();
  }

  return { signOut, question, hasFailed };
}
