import { loadConversation, loadConversations } from "../state/load-conversations.ts";
import { refreshPeople } from "../state/load-people.ts";
import type { Dispatch } from "../state/state.ts";
import { createLater } from "./later.ts";

/** Frames speak of people and conversations that no loaded page shows: then the first page is asked for again. */
export interface Unlisted {
  personSeen(): void;
  headSeen(conversationId: string, headSeq: number): void;
  unreadUncertain(conversationId: string): void;
  stop(): void;
}

export function createUnlisted(dispatch: Dispatch): Unlisted {
  const uncertain = new Set<string>();
  const known = new Map<string, number>();
  // Spread, since everyone who has the page open hears of the same newcomer.
  const people = createLater(
    () => 1_000 + Math.random() * 3_000,
    () => void dispatch(refreshPeople()),
  );
  const list = createLater(
    () => 1_000,
    () => void dispatch(loadConversations("again")),
  );
  const summaries = createLater(() => 500, refreshSummaries);

  function refreshSummaries(): void {
    for (const id of uncertain) {
      // The next frame of the conversation asks again where this fails.
      dispatch(loadConversation(id)).catch(() => undefined);
    }
    uncertain.clear();
  }

  return {
    personSeen: people.soon,
    headSeen(conversationId, headSeq) {
      // A conversation behind the loaded pages stays unlisted; asking once for each of its heads is enough.
      if ((known.get(conversationId) ?? 0) >= headSeq) return;
      known.set(conversationId, headSeq);
      list.soon();
    },
    unreadUncertain(conversationId) {
      uncertain.add(conversationId);
      summaries.soon();
    },
    stop() {
      people.cancel();
      list.cancel();
      summaries.cancel();
    },
  };
}
