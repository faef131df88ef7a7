import type { Person } from "@gochat/contracts/http/users";
import { memo } from "react";
import { Link } from "wouter";
import { timeAgo } from "../../lib/time.ts";
import { PresenceNode } from "../../ui/Node.tsx";

interface PersonRowProps {
  readonly person: Person;
  readonly status: Person["status"];
  readonly href: string;
  /** What a screen reader says the row does. */
  readonly action: string;
  readonly now: number;
}

function statusText(status: Person["status"], lastSeenAt: string | null, now: number): string {
  if (status === "online") return "online";
  if (status === "unknown") return "";
  return lastSeenAt ? `seen ${timeAgo(lastSeenAt, now)}` : "not seen yet";
}

/** A person on the thread. Those who are away step back a little. */
export const PersonRow = memo(function PersonRow({ person, status, href, action, now }: PersonRowProps) {
  const text = statusText(status, person.lastSeenAt, now);
  return (
    <li className="group/row relative" data-status={status} data-user-id={person.id}>
      <span
        className="thread left-[1.84rem] group-first/row:top-1/2 group-last/row:bottom-1/2"
        aria-hidden="true"
      />
      <Link
        href={href}
        data-row
        aria-label={`${person.username}${text && `, ${text}`}. ${action}`}
        className="group relative flex items-baseline gap-3 rounded-lg py-3 pr-4 pl-14 transition-colors hover:bg-wash"
      >
        <span className="absolute top-1/2 left-[1.5rem] grid -translate-y-1/2 bg-paper py-1 transition-colors group-hover:bg-wash">
          <PresenceNode status={status} />
        </span>
        <span
          className={`min-w-0 truncate text-[1.0625rem] ${status === "online" ? "font-semibold text-ink" : "font-medium text-soft"}`}
        >
          {person.username}
        </span>
        <span className={`ml-auto shrink-0 text-sm ${status === "online" ? "text-pine" : "text-faint"}`}>
          {text}
        </span>
      </Link>
    </li>
  );
});
