import { useEffect } from "react";
import { selectUnreadEntries } from "../state/selectors.ts";
import { useAppSelector } from "../state/state.ts";

/** The number of unread notifications stands in the title, where it is seen from another tab. */
export function useTitle(): void {
  const unread = useAppSelector(selectUnreadEntries);
  useEffect(() => {
    document.title = unread > 0 ? `(${unread > 99 ? "99+" : unread}) GoChat` : "GoChat";
  }, [unread]);
}
