import { memo, useEffect } from "react";
import { Link } from "wouter";
import { shortTime } from "../../lib/time.ts";
import { useClient } from "../../realtime/client-context.ts";
import {
  newestMessage,
  newestPending,
  selectLog,
  selectMe,
  selectOther,
  selectReadSeq,
  selectStatus,
  selectUnread,
} from "../../state/selectors.ts";
import { useAppSelector } from "../../state/state.ts";
import { DeliveryMark } from "../../ui/DeliveryMark.tsx";
import { PresenceNode } from "../../ui/Node.tsx";

interface ConversationRowProps {
  readonly id: string;
  readonly isOpen: boolean;
  readonly now: number;
}

/** One conversation: who, what was said last and when, and how much is unread. */
export const ConversationRow = memo(function ConversationRow({ id, isOpen, now }: ConversationRowProps) {
  const { realtime } = useClient();
  const me = useAppSelector(selectMe);
  const summary = useAppSelector((state) => state.conversations.byId[id]);
  const log = useAppSelector((state) => selectLog(state, id));
  const otherId = useAppSelector((state) => selectOther(state, id).id);
  const username = useAppSelector((state) => selectOther(state, id).username);
  const status = useAppSelector((state) => selectStatus(state, otherId));
  const unread = useAppSelector((state) => selectUnread(state, id));
  const readByOther = useAppSelector((state) => selectReadSeq(state, id, otherId));
  const isTyping = useAppSelector((state) => state.typing[id] === otherId);
  useEffect(() => realtime.wantPerson(otherId), [realtime, otherId]);
  if (!summary) return null;

  const pending = newestPending(log);
  const last = newestMessage(summary, log);
  const time = pending?.writtenAt ?? last?.createdAt;
  const isOwn = pending !== undefined || last?.senderId === me;
  const state = pending ? pending.state : (last?.seq ?? 0) <= readByOther ? "read" : "sent";
  const text = isTyping ? "typing …" : (pending?.body ?? last?.body ?? "No messages yet");
  const unreadText = unread >= 100 ? "99+" : String(unread);

  return (
    <li className="group/row relative" data-conversation-id={id}>
      <span
        className="thread left-[1.84rem] group-first/row:top-5 group-last/row:bottom-auto group-last/row:h-5"
        aria-hidden="true"
      />
      <Link
        href={`/c/${id}`}
        data-row
        aria-current={isOpen ? "page" : undefined}
        className="group relative mx-2 block rounded-lg py-2.5 pr-3 pl-12 transition-colors hover:bg-wash aria-[current=page]:bg-wash"
      >
        <span className="absolute top-[0.85rem] left-[1rem] grid bg-paper py-1 transition-colors group-hover:bg-wash group-aria-[current=page]:bg-wash">
          <PresenceNode status={status} />
        </span>
        <span className="flex items-baseline gap-2">
          <span className={`min-w-0 truncate ${unread > 0 ? "font-bold" : "font-semibold"}`}>
            {username ?? "…"}
          </span>
          <span className="sr-only">{status === "online" ? ", online" : ""}</span>
          {time !== undefined && (
            <span className={`ml-auto shrink-0 text-2xs ${unread > 0 ? "text-pine" : "text-faint"}`}>
              {shortTime(time, now)}
            </span>
          )}
        </span>
        <span className="flex items-center gap-2 text-sm text-soft">
          {isOwn && !isTyping && <DeliveryMark state={state === "stored" ? "sent" : state} />}
          <span className={`min-w-0 truncate ${isTyping ? "text-pine" : unread > 0 ? "text-ink" : ""}`}>
            {text}
          </span>
          {unread > 0 && (
            <span className="ml-auto shrink-0 rounded-full bg-pine px-1.5 text-2xs leading-[1.15rem] font-semibold text-on-pine">
              {unreadText}
              <span className="sr-only"> unread</span>
            </span>
          )}
        </span>
      </Link>
    </li>
  );
});
