import { Link } from "wouter";
import { timeAgo } from "../../lib/time.ts";
import { selectStatus, selectUnreadBeside } from "../../state/selectors.ts";
import { useAppSelector } from "../../state/state.ts";
import { buttonLook } from "../../ui/Button.tsx";
import { CountBadge } from "../../ui/CountBadge.tsx";
import { BackIcon } from "../../ui/icons.tsx";
import { PresenceNode } from "../../ui/Node.tsx";
import { useNow } from "../../ui/use-now.ts";
import { ConversationDetails } from "./ConversationDetails.tsx";

/** Who one talks to, and whether they are here. The thread of the conversation starts at their node. */
export function ConversationHeader({
  conversationId,
  otherId,
  otherName,
}: {
  conversationId: string;
  otherId: string;
  otherName: string;
}) {
  const status = useAppSelector((state) => selectStatus(state, otherId));
  const lastSeenAt = useAppSelector((state) => state.people.byId[otherId]?.lastSeenAt);
  const now = useNow();
  const elsewhere = useAppSelector((state) => selectUnreadBeside(state, conversationId));
  const seen = lastSeenAt ? `seen ${timeAgo(lastSeenAt, now)}` : "not seen yet";
  return (
    <header className="rule relative flex min-h-16 items-center gap-1 pr-2 pl-2 md:pr-4 md:pl-6">
      <Link
        href="/"
        aria-label={`Back to the conversations${elsewhere > 0 ? `, ${elsewhere} unread` : ""}`}
        className={`${buttonLook("icon")} relative md:hidden`}
      >
        <BackIcon />
        <CountBadge count={elsewhere} />
      </Link>
      <span data-status={status} className="flex min-w-0 flex-1 items-baseline gap-3">
        <span className="shrink-0 self-center">
          <PresenceNode status={status} />
        </span>
        <h1 className="min-w-0 truncate text-xl font-semibold tracking-tight">{otherName}</h1>
        <span className={`shrink-0 text-sm ${status === "online" ? "text-pine" : "text-faint"}`}>
          {status === "online" ? "online" : status === "offline" ? seen : ""}
        </span>
      </span>
      <ConversationDetails conversationId={conversationId} otherName={otherName} />
    </header>
  );
}
