import { useCallback, useEffect } from "react";
import { Link } from "wouter";
import { loadConversations } from "../../state/load-conversations.ts";
import { selectConversationIds } from "../../state/selectors.ts";
import { useAppDispatch, useAppSelector } from "../../state/state.ts";
import { Button, buttonLook } from "../../ui/Button.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { LoadMore } from "../../ui/LoadMore.tsx";
import { moveBetweenRows } from "../../ui/row-keys.ts";
import { useNow } from "../../ui/use-now.ts";
import { ConversationRow } from "./ConversationRow.tsx";

/** One's conversations, the most recently active first. */
export function ConversationList({ openId }: { openId: string | undefined }) {
  const dispatch = useAppDispatch();
  const ids = useAppSelector(selectConversationIds);
  const { status, nextCursor } = useAppSelector((state) => state.conversations);
  const now = useNow();

  useEffect(() => {
    if (status === "empty") void dispatch(loadConversations("first"));
  }, [dispatch, status]);
  const loadMore = useCallback(() => void dispatch(loadConversations("next")), [dispatch]);

  return (
    <nav aria-label="Conversations" className="relative">
      <ul onKeyDown={moveBetweenRows}>
        {ids.map((id) => (
          <ConversationRow key={id} id={id} isOpen={id === openId} now={now} />
        ))}
      </ul>
      {status === "loaded" && nextCursor !== null && <LoadMore onVisible={loadMore} />}
      {status === "failed" && (
        <p className="px-6 py-3 text-sm text-soft">
          The conversations could not be loaded.{" "}
          <Button look="quiet" onClick={() => void dispatch(loadConversations("first"))}>
            Try again
          </Button>
        </p>
      )}
      {status === "loaded" && ids.length === 0 && (
        <EmptyState title="No conversations yet">
          Pick someone from the people here and write the first line.{" "}
          <Link href="/people" className={`${buttonLook("quiet")} md:hidden`}>
            See who is here
          </Link>
        </EmptyState>
      )}
    </nav>
  );
}
