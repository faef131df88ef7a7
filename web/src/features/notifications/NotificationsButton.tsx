import { useCallback, useEffect, useRef, useState } from "react";
import { loadNotifications } from "../../state/load-notifications.ts";
import { selectUnreadEntries } from "../../state/selectors.ts";
import { useAppDispatch, useAppSelector } from "../../state/state.ts";
import { buttonLook } from "../../ui/Button.tsx";
import { CountBadge } from "../../ui/CountBadge.tsx";
import { BellIcon } from "../../ui/icons.tsx";
import { useDismiss } from "../../ui/use-dismiss.ts";
import { NotificationsPanel } from "./NotificationsPanel.tsx";

/** The bell, with the number of conversations that have something new, and what hangs below it. */
export function NotificationsButton() {
  const dispatch = useAppDispatch();
  const unread = useAppSelector(selectUnreadEntries);
  const status = useAppSelector((state) => state.notifications.status);
  const [isOpen, setOpen] = useState(false);
  const ref = useRef<HTMLDivElement>(null);
  const close = useCallback(() => setOpen(false), []);
  useDismiss(ref, isOpen, close);
  useEffect(() => {
    if (status === "empty") void dispatch(loadNotifications("first"));
  }, [dispatch, status]);

  return (
    <div ref={ref}>
      <button
        type="button"
        aria-label={unread > 0 ? `Notifications, ${unread} unread` : "Notifications"}
        aria-expanded={isOpen}
        aria-haspopup="dialog"
        onClick={() => setOpen(!isOpen)}
        className={`${buttonLook("icon")} relative`}
      >
        <BellIcon />
        <CountBadge count={unread} />
      </button>
      {isOpen && <NotificationsPanel onClose={close} />}
    </div>
  );
}
