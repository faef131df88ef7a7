import { useCallback, useEffect, useRef } from "react";
import { loadNotifications, readAllNotifications } from "../../state/load-notifications.ts";
import { selectNotifications, selectUnreadEntries } from "../../state/selectors.ts";
import { useAppDispatch, useAppSelector } from "../../state/state.ts";
import { Button } from "../../ui/Button.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { LoadMore } from "../../ui/LoadMore.tsx";
import { moveBetweenRows } from "../../ui/row-keys.ts";
import { useNow } from "../../ui/use-now.ts";
import { NotificationRow } from "./NotificationRow.tsx";

export function NotificationsPanel({ onClose }: { onClose: () => void }) {
  const dispatch = useAppDispatch();
  const entries = useAppSelector(selectNotifications);
  const unread = useAppSelector(selectUnreadEntries);
  const { status, nextCursor } = useAppSelector((state) => state.notifications);
  const now = useNow();
  const panel = useRef<HTMLDivElement>(null);
  const loadMore = useCallback(() => void dispatch(loadNotifications("next")), [dispatch]);
  useEffect(() => {
    const { current } = panel;
    (current?.querySelector<HTMLElement>("[data-row]") ?? current)?.focus();
  }, []);

  return (
    <div
      ref={panel}
      role="dialog"
      aria-label="Notifications"
      tabIndex={-1}
      className="animate-settle absolute top-14 z-20 flex max-h-[min(36rem,80dvh)] flex-col overflow-hidden rounded-2xl border border-thread bg-paper outline-none inset-x-3"
    >
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 px-6 pt-5 pb-2">
        <h2 className="text-xl font-semibold tracking-tight">Notifications</h2>
        {unread > 0 && (
          <Button look="quiet" className="text-sm" onClick={() => void dispatch(readAllNotifications())}>
            Mark all as read
          </Button>
        )}
      </div>
      <div className="scroll-quiet min-h-0 overflow-y-auto pb-3">
        <ul onKeyDown={moveBetweenRows}>
          {entries.map((entry) => (
            <NotificationRow key={entry.id} entry={entry} now={now} onOpen={onClose} />
          ))}
        </ul>
        {status === "loaded" && nextCursor !== null && <LoadMore onVisible={loadMore} />}
        {status === "loaded" && entries.length === 0 && (
          <EmptyState title="All quiet">
            When somebody writes to you, it is noted here until you have read it.
          </EmptyState>
        )}
        {status === "failed" && (
          <p className="px-6 py-3 text-sm text-soft">
            The notifications could not be loaded.{" "}
            <Button look="quiet" onClick={() => void dispatch(loadNotifications("first"))}>
              Try again
            </Button>
          </p>
        )}
      </div>
    </div>
  );
}
