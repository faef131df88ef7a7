import type { Notification } from "@gochat/contracts/http/notifications";
import { Link } from "wouter";
import { shortTime } from "../../lib/time.ts";
import { isUnread, selectMe, selectReadSeq } from "../../state/selectors.ts";
import { useAppSelector } from "../../state/state.ts";
import { Node } from "../../ui/Node.tsx";

interface NotificationRowProps {
  readonly entry: Notification;
  readonly now: number;
  onOpen(): void;
}

/** What came from one person; the node is filled while it is unread. */
export function NotificationRow({ entry, now, onOpen }: NotificationRowProps) {
  const me = useAppSelector(selectMe);
  const readSeq = useAppSelector((state) => selectReadSeq(state, entry.conversationId, me));
  const isNew = isUnread(entry, readSeq);
  const more = entry.count > 1 ? `${entry.count} new messages` : "";
  return (
    <li className="group/row relative" data-unread={isNew}>
      <span
        className="thread left-[1.84rem] group-first/row:top-5 group-last/row:bottom-auto group-last/row:h-5"
        aria-hidden="true"
      />
      <Link
        href={`/c/${entry.conversationId}`}
        data-row
        onClick={onOpen}
        className="group relative mx-2 block rounded-lg py-2.5 pr-3 pl-12 hover:bg-wash"
      >
        <span className="absolute top-[0.85rem] left-[1rem] grid bg-paper py-1 group-hover:bg-wash">
          <Node kind={isNew ? "filled" : "ring"} className={isNew ? "text-pine" : "text-faint"} />
        </span>
        <span className="flex items-baseline gap-2">
          <span className={`min-w-0 truncate ${isNew ? "font-bold" : "font-medium text-soft"}`}>
            {entry.actor.username}
          </span>
          <span className="ml-auto shrink-0 text-2xs text-faint">{shortTime(entry.createdAt, now)}</span>
        </span>
        <span className={`block truncate text-sm ${isNew ? "text-ink" : "text-faint"}`}>{entry.preview}</span>
        {isNew && more && <span className="block text-2xs text-pine">{more}</span>}
      </Link>
    </li>
  );
}
