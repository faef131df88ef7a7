import type { Message } from "@gochat/contracts/http/conversations";
import { useRef } from "react";

interface AnnouncerProps {
  readonly newest: Message | undefined;
  readonly me: string;
  readonly name: string;
}

/** Reads out what the other person writes while the conversation is open; history is not news. */
export function Announcer({ newest, me, name }: AnnouncerProps) {
  const openedAt = useRef<number>(undefined);
  openedAt.current ??= newest?.seq;
  const isNews = newest && newest.senderId !== me && newest.seq > (openedAt.current ?? 0);
  return (
    <p className="sr-only" aria-live="polite">
      {isNews ? `${name}: ${newest.body}` : ""}
    </p>
  );
}
