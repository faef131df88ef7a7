import type { Api } from "../lib/api.ts";
import { fullJitter } from "../lib/back-off.ts";
import { ProblemError } from "../lib/http.ts";
import { type ConversationLog, needsCatchUp } from "../state/conversation-log.ts";
import { loadConversation } from "../state/load-conversations.ts";
import { stretchReceived } from "../state/messagesSlice.ts";
import { selectLog } from "../state/selectors.ts";
import type { Dispatch, RootState } from "../state/state.ts";

const changesPageSize = 500;
const maximumAttempts = 6;
const atOnce = 3;

export interface CatchUp {
  /** Brings what a conversation lacks, if it lacks anything; safe to call after every action. */
  check(conversationId: string): void;
  stop(): void;
}

interface CatchUpOptions {
  readonly api: Api;
  readonly dispatch: Dispatch;
  getState(): RootState;
}

/** Closes gaps: at most three conversations at a time, each page applied before the next is asked for. */
export function createCatchUp({ api, dispatch, getState }: CatchUpOptions): CatchUp {
  const running = new Set<string>();
  const waiting = new Set<string>();
  let isStopped = false;

  const log = (id: string) => selectLog(getState(), id);
  const lacksSummary = (id: string) => {
    const { byId, absent } = getState().conversations;
    return !byId[id] && !absent[id] && log(id).applied >= 0;
  };
  const lacksAnything = (id: string) => !isStopped && (lacksSummary(id) || needsCatchUp(log(id)));

  function check(id: string): void {
    if (running.has(id) || !lacksAnything(id)) return;
    if (running.size >= atOnce) {
      waiting.add(id);
      return;
    }
    waiting.delete(id);
    running.add(id);
    void bring(id).finally(() => {
      running.delete(id);
      const [next] = waiting;
      if (next !== undefined) {
        waiting.delete(next);
        check(next);
      }
    });
  }

  /** Goes on while pages move the log; a page that does not, or fails, costs an attempt and a wait. */
  async function bring(id: string): Promise<void> {
    for (let attempt = 0; attempt < maximumAttempts && lacksAnything(id); ) {
      const before = log(id).applied;
      const hadSummary = !lacksSummary(id);
      try {
        await (hadSummary && !isBare(log(id)) ? bringChanges(id) : dispatch(loadConversation(id)));
      } catch (error) {
        if (error instanceof ProblemError && error.status === 404) return;
      }
      if (log(id).applied > before || (!hadSummary && !lacksSummary(id))) continue;
      await new Promise((resolve) => setTimeout(resolve, fullJitter(attempt++)));
    }
  }

  async function bringChanges(id: string): Promise<void> {
    const after = log(id).applied;
    const { changes } = await api.changes(id, { after, limit: changesPageSize });
    if (isStopped) return;
    const to = changes.at(-1)?.seq ?? after;
    const messages = changes.map(({ message }) => message);
    dispatch(stretchReceived({ conversationId: id, stretch: { from: after + 1, to, messages } }));
  }

  return {
    check,
    stop() {
      isStopped = true;
      waiting.clear();
    },
  };
}

/** Nothing of the log is held: a fresh summary says all that a list shows, however much was missed. */
function isBare(log: ConversationLog): boolean {
  return log.from > log.applied && log.ahead.length === 0;
}
